// Whether the shared schema can be distributed on Citus by project_id: its documented rules as a question to the catalogue of
// a real PostgreSQL, and the script that distributes, run with stand-ins for Citus's functions, which this machine lacks.
import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase } from '#src/database/database.js';
import { makeServerDatabase, query, SERVER_URL } from './engines.js';

const CHECK = await readFile('scripts/citus-check.sql', 'utf8');
const DISTRIBUTE = await readFile('scripts/citus.sql', 'utf8');

interface Problem {
  readonly object: string;
  readonly problem: string;
}

/** Each breaks the schema in one way. */
const BROKEN: readonly (readonly [string, string, string])[] = [
  ['CREATE UNIQUE INDEX broken ON code_files (path)', 'index broken', 'is unique in code_files without project_id'],
  [
    'CREATE UNIQUE INDEX broken ON code_files (path) INCLUDE (project_id)',
    'index broken',
    'is unique in code_files without project_id',
  ],
  [
    'CREATE UNIQUE INDEX broken ON code_files (lower(path))',
    'index broken',
    'is unique in code_files without project_id',
  ],
  [
    'ALTER TABLE index_jobs ADD CONSTRAINT broken UNIQUE (id)',
    'index broken',
    'is unique in index_jobs without project_id',
  ],
  [
    'ALTER TABLE repositories ADD CONSTRAINT broken EXCLUDE USING btree (path WITH =)',
    'constraint repositories.broken',
    'excludes without comparing project_id by =',
  ],
  [
    'ALTER TABLE index_jobs ADD COLUMN repository uuid, ADD COLUMN other varchar(50), ADD CONSTRAINT broken FOREIGN KEY (other, repository) REFERENCES repositories (project_id, id)',
    'constraint index_jobs.broken',
    'refers to a distributed table without project_id at the same place on both sides',
  ],
  [
    'ALTER TABLE skipped_files ADD CONSTRAINT broken FOREIGN KEY (project_id, repository_id) REFERENCES repositories (project_id, id) ON DELETE SET NULL (repository_id)',
    'constraint skipped_files.broken',
    'sets project_id when the row it refers to goes or changes',
  ],
  [
    'ALTER TABLE embedding_models ADD COLUMN r uuid, ADD COLUMN p varchar(50), ADD CONSTRAINT broken FOREIGN KEY (p, r) REFERENCES repositories (project_id, id)',
    'constraint embedding_models.broken',
    'refers from a reference table to the distributed table repositories',
  ],
  [
    'ALTER TABLE index_jobs ADD COLUMN broken serial',
    'column index_jobs.broken',
    'takes its values from a sequence and is integer instead of bigint',
  ],
  [
    'ALTER TABLE index_jobs ADD COLUMN broken smallint GENERATED ALWAYS AS IDENTITY',
    'column index_jobs.broken',
    'takes its values from a sequence and is smallint instead of bigint',
  ],
  ['CREATE TABLE broken (project_id varchar(50))', 'table broken', 'is distributed by a column that may be NULL'],
  [
    'CREATE TABLE broken (project_id text NOT NULL)',
    'table broken',
    'has a project_id of type text, others have another type or collation',
  ],
  [
    'CREATE TABLE broken (id text, project_id varchar(50) NOT NULL GENERATED ALWAYS AS (id) STORED)',
    'table broken',
    'is distributed by a generated column',
  ],
  ['CREATE UNLOGGED TABLE broken (id int)', 'table broken', 'is unlogged'],
  [
    'CREATE TRIGGER broken AFTER INSERT ON code_files FOR EACH ROW EXECUTE FUNCTION pg_catalog.suppress_redundant_updates_trigger()',
    'trigger code_files.broken',
    'would have to run on every shard',
  ],
  [
    'CREATE POLICY broken ON code_files USING (repository_id IN (SELECT id FROM repositories))',
    'policy code_files.broken',
    'asks another table',
  ],
  [
    'CREATE SCHEMA aside; CREATE TABLE aside.t (id int PRIMARY KEY); ALTER TABLE index_jobs ADD COLUMN t int CONSTRAINT broken REFERENCES aside.t',
    'constraint index_jobs.broken',
    'refers to aside.t, which is not distributed',
  ],
  ['CREATE TABLE broken () INHERITS (embedding_models)', 'table broken', 'inherits, or is inherited from'],
];

describe.skipIf(SERVER_URL === undefined)('Citus’s rules (need TEST_DATABASE_URL)', () => {
  let url: string;
  let remove: () => Promise<void>;

  beforeEach(async () => {
    const made = await makeServerDatabase({ CODEBASE_MCP_ISOLATION: 'shared' });
    ({ remove } = made);
    url = made.config.databaseUrl ?? '';
    await (await openDatabase(made.config, { holder: 'test' })).close();
  });
  afterEach(() => remove());

  test('the schema at head keeps them', async () => {
    expect(await query(url, CHECK)).toEqual([]);
  });

  test('each is noticed when it is broken', async () => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      for (const [statement, object, problem] of BROKEN) {
        await client.query(`BEGIN; ${statement}`);
        expect((await client.query<Problem>(CHECK)).rows, statement).toContainEqual({ object, problem });
        await client.query('ROLLBACK');
      }
    } finally {
      await client.end();
    }
  });

  test('the script distributes every table that has a project, with its foreign keys as they were', async () => {
    await query(
      url,
      `CREATE TABLE asked (at int GENERATED ALWAYS AS IDENTITY, name text, by text, beside text);
       CREATE FUNCTION create_reference_table(name regclass) RETURNS void LANGUAGE sql AS
         $$ INSERT INTO asked (name) VALUES (name::text) $$;
       CREATE FUNCTION create_distributed_table(name regclass, by text, colocate_with text DEFAULT 'default') RETURNS void LANGUAGE plpgsql AS $$
       BEGIN
         IF EXISTS (SELECT FROM pg_constraint WHERE contype = 'f' AND name IN (conrelid, confrelid)) THEN
           RAISE EXCEPTION '% has foreign keys', name;
         END IF;
         INSERT INTO asked (name, by, beside) VALUES (name::text, by, colocate_with);
       END $$;`,
    );
    const keys =
      "SELECT conname, conrelid::regclass::text AS name, pg_get_constraintdef(oid) AS definition FROM pg_constraint WHERE contype = 'f' ORDER BY 1, 2";
    const before = await query(url, keys);
    expect(before.length).toBeGreaterThan(5);
    await query(url, DISTRIBUTE);
    expect(await query(url, keys)).toEqual(before);
    const withProject = await query<{ name: string }>(
      url,
      "SELECT relname AS name FROM pg_class c JOIN pg_attribute a ON attrelid = c.oid AND attname = 'project_id' WHERE relkind = 'r' ORDER BY 1",
    );
    const asked = await query<{ name: string; by: string | null; beside: string | null }>(
      url,
      'SELECT name, by, beside FROM asked ORDER BY at',
    );
    const distributed = asked.filter(({ by }) => by === 'project_id');
    expect(distributed.map(({ name }) => name).sort()).toEqual(withProject.map(({ name }) => name));
    expect(distributed.map(({ beside }) => beside)).toEqual([
      'default',
      ...Array(distributed.length - 1).fill('repositories'),
    ]);
    expect(asked.filter(({ by }) => by === null)).toEqual([{ name: 'embedding_models', by: null, beside: null }]);
  });
});
