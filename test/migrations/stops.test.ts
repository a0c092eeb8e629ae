// What stops 002, 006 and 009, and how: a sentence with the findings and the statement that helps. Each remedy is run, and then
// the upgrade goes through.
import { beforeEach, describe, expect, it } from 'vitest';
import { CodebaseError } from '#src/errors.js';
import { checkDatabase } from '#src/migrations/check.js';
import { currentRevision, upgrade } from '#src/migrations/runner.js';
import { describeEngines, rows, type TestDatabase } from './engines.js';

const R1 = '00000000-0000-4000-8000-000000000001';
const R2 = '00000000-0000-4000-8000-000000000002';
const CHUNK = '00000000-0000-4000-8000-00000000000c';

describeEngines('an upgrade stops', (engine) => {
  let database: TestDatabase;
  const run = (text: string) => rows(database.db, text);
  const at = async (revision: string, setup: string) => {
    await upgrade(database.db, { target: revision });
    for (const statement of setup.split(';\n')) await run(statement);
  };
  const stopped = async (): Promise<string> => {
    const before = await currentRevision(database.db);
    const error = await upgrade(database.db).then(
      () => null,
      (reason) => reason,
    );
    expect(error).toBeInstanceOf(CodebaseError);
    expect(await currentRevision(database.db)).toBe(before);
    return error.message;
  };
  const goesThrough = async () => expect((await upgrade(database.db)).to).toBe('009_project_keys');

  beforeEach(async () => {
    database = await engine.open();
    return () => database.close();
  });

  it('at foreign keys from other tables into the nine, and between the nine and the kept', async () => {
    await at(
      '005',
      `CREATE TABLE invoices (id integer PRIMARY KEY, vendor uuid CONSTRAINT pays REFERENCES vendors (id));
CREATE TABLE notes (a uuid, b uuid, CONSTRAINT pays FOREIGN KEY (a) REFERENCES repositories (id));
ALTER TABLE tasks ADD COLUMN repository_id uuid CONSTRAINT task_repository REFERENCES repositories (id);
ALTER TABLE code_chunks ADD COLUMN task_id uuid CONSTRAINT chunk_task REFERENCES tasks (id)`,
    );
    const message = await stopped();
    expect(message).toMatchInlineSnapshot(
      `"Step 2/9 of 002_remove_non_search_tables (foreign keys and dependents) stopped and everything was rolled back: foreign keys hold on to tables that this revision drops: code_chunks (task_id) refers to tasks by chunk_task; ALTER TABLE code_chunks DROP CONSTRAINT chunk_task; invoices (vendor) refers to vendors by pays; ALTER TABLE invoices DROP CONSTRAINT pays; tasks (repository_id) refers to repositories by task_repository; ALTER TABLE tasks DROP CONSTRAINT task_repository; run the statements named if those keys are not needed, then upgrade again."`,
    );
    const remedies = message.match(/ALTER TABLE \w+ DROP CONSTRAINT \w+/g) ?? [];
    expect(remedies).toHaveLength(3);
    for (const remedy of remedies) await run(remedy);
    await upgrade(database.db, { target: '008' });
    expect(await run("SELECT conname FROM pg_constraint WHERE conname = 'pays'")).toEqual([{ conname: 'pays' }]);
    const later = await stopped();
    expect(later).toMatchInlineSnapshot(
      `"Step 1/3 of 009_project_keys (keys with the project id) stopped and everything was rolled back: foreign keys of other tables hold on to an id without its project: notes refers to repositories by pays; ALTER TABLE notes DROP CONSTRAINT pays; run the statements named, upgrade, and make those keys again with project_id beside the id."`,
    );
    await run(/ALTER TABLE notes DROP CONSTRAINT pays/.exec(later)?.[0] ?? '');
    await goesThrough();
  });

  it('at views, functions and columns made from the nine', async () => {
    await at(
      '005',
      `CREATE VIEW open_tasks AS SELECT title FROM tasks;
CREATE MATERIALIZED VIEW vendor_names AS SELECT name FROM vendors;
CREATE TABLE archive (item work_items);
CREATE FUNCTION deployed(deployments) RETURNS text LANGUAGE sql AS 'SELECT $1.title'`,
    );
    expect(await stopped()).toMatchInlineSnapshot(
      `"Step 2/9 of 002_remove_non_search_tables (foreign keys and dependents) stopped and everything was rolled back: other objects are made from tables that this revision drops: column item of table archive uses work_items; function deployed(deployments) uses deployments; rule _RETURN on materialized view vendor_names uses vendors; rule _RETURN on view open_tasks uses tasks; drop or change these objects, then upgrade again."`,
    );
    await run('DROP VIEW open_tasks');
    await run('DROP MATERIALIZED VIEW vendor_names');
    await run('DROP TABLE archive');
    await run('DROP FUNCTION deployed');
    await goesThrough();
  });

  it('at chunks without a repository, with their number and the first of them', async () => {
    await at(
      '005',
      `ALTER TABLE code_chunks DISABLE TRIGGER ALL;
INSERT INTO code_chunks (id, repository_id, file_path, content, start_line, end_line) VALUES ('${CHUNK}', '${R1}', 'a', 'a', 1, 1);
INSERT INTO code_chunks (repository_id, file_path, content, start_line, end_line) SELECT '${R1}', 'b', 'b', g, g FROM generate_series(1, 6) g;
ALTER TABLE code_chunks ENABLE TRIGGER ALL`,
    );
    const message = await stopped();
    expect(message).toMatch(
      /^Step 4\/9 of 002_remove_non_search_tables \(code_chunks\.project_id\) stopped and everything was rolled back: code_chunks holds chunks without a repository: 7 chunks, the first are [-0-9a-f]{36}(, [-0-9a-f]{36}){4}; DELETE FROM/,
    );
    expect(message).toContain(CHUNK);
    await run(/DELETE FROM .*?\)(?=, then)/.exec(message)?.[0] ?? '');
    await goesThrough();
  });

  it('at several rows for one path in a project', async () => {
    await at(
      '002',
      `INSERT INTO repositories (id, path, name, created_at) VALUES ('${R1}', '/r', 'r', '2020-01-01'), ('${R2}', '/r', 'r', '2021-01-01')`,
    );
    expect(await stopped()).toMatchInlineSnapshot(
      `"Step 1/8 of 006_search (repository keys) stopped and everything was rolled back: repositories has several rows for one path: /r in project default (00000000-0000-4000-8000-000000000001, 00000000-0000-4000-8000-000000000002); delete all but one of each by id, which deletes their chunks too, then upgrade again."`,
    );
    await run(`DELETE FROM repositories WHERE id = '${R2}'`);
    await goesThrough();
  });

  it('at vendors whose names differ in case only', async () => {
    await at(
      '003',
      `INSERT INTO vendors (id, name, extractor_version, created_by) VALUES ('${R1}', 'Acme', '1', 'me'), ('${R2}', 'ACME', '1', 'me')`,
    );
    expect(await stopped()).toMatchInlineSnapshot(
      `"Step 1/3 of 005_case_insensitive_vendor (unique lower-case name) stopped and everything was rolled back: vendors have names that differ only in case: "ACME" (00000000-0000-4000-8000-000000000002) and "Acme" (00000000-0000-4000-8000-000000000001); rename or delete all but one of each, then upgrade again."`,
    );
  });

  describe('at a database altered by hand, with every difference:', () => {
    it.each([
      [
        'a column that is gone',
        'ALTER TABLE repositories DROP COLUMN metadata',
        /column repositories\.metadata is missing \(jsonb not null default '\{\}'::jsonb\)/,
      ],
      [
        'another type',
        'ALTER TABLE code_chunks ALTER COLUMN file_path TYPE varchar(9)',
        /column code_chunks\.file_path is "character varying\(9\) not null", not "text not null"/,
      ],
      [
        'a column that may be NULL',
        'ALTER TABLE tasks ALTER COLUMN title DROP NOT NULL',
        /column tasks\.title is "text", not "text not null"/,
      ],
      [
        'another default',
        "ALTER TABLE tasks ALTER COLUMN status SET DEFAULT 'complete'",
        /column tasks\.status is "text not null default 'complete'::text", not/,
      ],
      [
        'other dimensions',
        'ALTER TABLE code_chunks ALTER COLUMN embedding TYPE vector(3)',
        /column code_chunks\.embedding is "vector\(3\)", not "vector\(768\)"/,
      ],
      [
        'a constraint that is gone',
        'ALTER TABLE vendors DROP CONSTRAINT check_vendors_status',
        /constraint vendors\.check_vendors_status is missing/,
      ],
      [
        'an index that is gone',
        'DROP INDEX idx_code_chunks_embedding',
        /index code_chunks\.idx_code_chunks_embedding is missing \(hnsw/,
      ],
      ['a table that is gone', 'DROP TABLE deployment_vendors', /table deployment_vendors is missing/],
      ['a table of a later revision', 'CREATE TABLE code_files (id integer)', /table code_files should not be there/],
      [
        'a view in place of a table',
        'DROP TABLE task_commits; CREATE VIEW task_commits AS SELECT 1 AS id',
        /table task_commits is "view", not "table"/,
      ],
    ])('%s', async (_name, statement, difference) => {
      await at('005', statement.replace('; ', ';\n'));
      const message = await stopped();
      expect(message).toMatch(
        /^The command stopped and everything was rolled back: the schema is not what revision 005_case_insensitive_vendor makes: /,
      );
      expect(message).toMatch(difference);
    });
  });

  it('at tables of the same names that another program made', async () => {
    await run('CREATE TABLE repositories (id serial PRIMARY KEY, url text)');
    expect(await stopped()).toMatchInlineSnapshot(
      `"The command stopped and everything was rolled back: the database has tables of our names but no revision: table repositories should not be there; use another database or schema, or run codebase-mcp db stamp REVISION if the tables are those of a revision."`,
    );
    expect(
      await run("SELECT count(*)::int AS n FROM pg_class WHERE relname IN ('code_chunks', 'alembic_version')"),
    ).toEqual([{ n: 0 }]);
  });

  it('at project ids that were there already and are none', async () => {
    await at(
      '005',
      `ALTER TABLE repositories ADD COLUMN project_id text;
INSERT INTO repositories (path, name, project_id) VALUES ('/a', 'a', 'My Project'), ('/b', 'b', 'fine')`,
    );
    expect(await stopped()).toMatchInlineSnapshot(
      `"Step 5/9 of 002_remove_non_search_tables (check constraints) stopped and everything was rolled back: repositories.project_id holds what is not a project id: 'My Project' of 1 repositories; use 1 to 50 lower-case letters, digits and hyphens, then upgrade again."`,
    );
  });

  it('at objects of its own names that somebody else made', async () => {
    await at('002', 'ALTER TABLE repositories ADD CONSTRAINT repositories_project_id_path_key UNIQUE (name)');
    expect(await stopped()).toMatchInlineSnapshot(
      `"Step 1/8 of 006_search (repository keys) failed with SQLSTATE 42P07 and everything was rolled back: relation "repositories_project_id_path_key" already exists; run codebase-mcp db check, rename, drop or put back what it names, then try again."`,
    );
  });

  it('not at what does no harm: an index, a column, a table of somebody else’s', async () => {
    await at(
      '005',
      `CREATE INDEX mine ON repositories (name);
ALTER TABLE code_chunks ADD COLUMN note text;
CREATE TABLE elsewhere (id uuid PRIMARY KEY)`,
    );
    await goesThrough();
    expect((await checkDatabase(database.db)).checks.flatMap((check) => check.findings)).toEqual([
      'column code_chunks.note should not be there',
      'index repositories.mine should not be there',
    ]);
  });

  it('not at project_id columns that are there already: their values count, and the vector index comes back', async () => {
    await at(
      '005',
      `ALTER TABLE repositories ADD COLUMN project_id text;
ALTER TABLE code_chunks ADD COLUMN project_id varchar(99) DEFAULT 'wrong';
INSERT INTO repositories (id, path, name, project_id) VALUES ('${R1}', '/a', 'a', 'alpha'), ('${R2}', '/b', 'b', NULL);
INSERT INTO code_chunks (repository_id, file_path, content, start_line, end_line) VALUES ('${R1}', 'a', 'a', 1, 1), ('${R2}', 'b', 'b', 1, 1)`,
    );
    await upgrade(database.db, { target: '002' });
    expect(await run('SELECT file_path, project_id FROM code_chunks ORDER BY 1')).toEqual([
      { file_path: 'a', project_id: 'alpha' },
      { file_path: 'b', project_id: 'default' },
    ]);
    expect((await checkDatabase(database.db)).checks.flatMap((check) => check.findings)).toEqual([]);
  });
});
