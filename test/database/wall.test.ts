import { type Kysely, sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { projectTables } from '#src/database/project-rows.js';
import { repositoriesOf } from '#src/database/repositories.js';
import { describeEngines, openTestDatabase, type TestDatabase } from './engines.js';

const TABLES = [
  'chunk_embeddings',
  'code_chunks',
  'code_files',
  'file_embeddings',
  'index_jobs',
  'repositories',
  'skipped_files',
];

const repositoryOf = (project: string) => `00000000-0000-4000-8000-00000000000${project}`;

/** One row in every table that has a project. */
async function fill(db: Kysely<never>, project: string): Promise<void> {
  const repository = repositoryOf(project);
  const [p, r] = [sql.lit(project), sql.lit(repository)];
  const file = sql`(SELECT id FROM code_files WHERE project_id = ${p})`;
  const model = sql`(SELECT id FROM embedding_models)`;
  for (const statement of [
    sql`INSERT INTO repositories (id, project_id, path, name) VALUES (${r}, ${p}, '/r', 'r')`,
    sql`INSERT INTO embedding_models (provider, model, dimensions) VALUES ('any', 'any', 1) ON CONFLICT DO NOTHING`,
    sql`INSERT INTO code_files (project_id, repository_id, path, terms) VALUES (${p}, ${r}, 'a.ts', 'shared')`,
    sql`INSERT INTO code_chunks (project_id, repository_id, file_id, ordinal, file_path, content, start_line, end_line)
      VALUES (${p}, ${r}, ${file}, 0, 'a.ts', 'x', 1, 1)`,
    sql`INSERT INTO chunk_embeddings VALUES (${p}, ${r}, ${file}, 0, ${model}, '[1]')`,
    sql`INSERT INTO file_embeddings VALUES (${p}, ${r}, ${file}, ${model}, 'content', '[1]')`,
    sql`INSERT INTO skipped_files VALUES (${p}, ${r}, 'b.bin', 'binary')`,
    sql`INSERT INTO index_jobs (project_id, repository_path, state, phase) VALUES (${p}, '/r', 'running', 'indexing')`,
  ])
    await statement.execute(db);
}

async function projectsIn(db: Kysely<never>, table: string): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`SELECT project_id AS id FROM ${sql.table(table)} ORDER BY 1`.execute(db);
  return rows.map(({ id }) => id);
}

const REFUSED = { code: '42501' };

describeEngines((engine) => {
  let database: TestDatabase;
  let a: Kysely<never>;
  let b: Kysely<never>;
  let all: Kysely<never>;

  beforeEach(async () => {
    database = await openTestDatabase(engine);
    a = database.inProject('a').db as never;
    b = database.inProject('b').db as never;
    all = database.allProjects as never;
    await fill(a, 'a');
    await fill(b, 'b');
  });
  afterEach(() => database.remove());

  /** A session of the application's role that was told no project. */
  async function withoutProject(use: (db: Kysely<never>) => Promise<void>): Promise<void> {
    const role = database.wall?.role ?? '';
    await all.connection().execute(async (session) => {
      await sql`SELECT set_config('role', ${role}, false), set_config('row_security', 'on', false)`.execute(session);
      try {
        await use(session);
      } finally {
        await sql`SELECT set_config('role', 'none', false), set_config('row_security', 'off', false)`.execute(session);
      }
    });
  }

  test('every table with a project has it, as the catalogue says', async () => {
    expect(await projectTables(database.allProjects)).toEqual(TABLES);
    const { rows } = await sql`
      SELECT c.relname AS table, c.relrowsecurity AS on, count(p.*)::int AS policies
      FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid AND p.polcmd = '*' AND p.polpermissive
      WHERE c.oid = ANY (${TABLES}::text[]::regclass[]) GROUP BY c.oid ORDER BY 1`.execute(all);
    expect(rows).toEqual(TABLES.map((table) => ({ table, on: true, policies: 1 })));
  });

  test('a session of the role without a project sees nothing and can write nothing', async () => {
    for (const table of TABLES) expect(await projectsIn(all, table), table).toEqual(['a', 'b']);
    await withoutProject(async (session) => {
      for (const table of TABLES) {
        expect(await projectsIn(session, table), table).toEqual([]);
        expect((await sql`DELETE FROM ${sql.table(table)}`.execute(session)).numAffectedRows).toBe(0n);
        expect((await sql`UPDATE ${sql.table(table)} SET project_id = 'c'`.execute(session)).numAffectedRows).toBe(0n);
      }
      await expect(fill(session, 'a')).rejects.toMatchObject(REFUSED);
      await expect(fill(session, '')).rejects.toMatchObject({});
      expect((await sql`SELECT * FROM ${withTerms('a')}`.execute(session)).rows).toEqual([]);
    });
    for (const table of TABLES) expect(await projectsIn(all, table), table).toEqual(['a', 'b']);
  });

  test('a statement that forgot its condition shows and changes rows of its own project only', async () => {
    for (const table of TABLES) {
      expect(await projectsIn(a, table), table).toEqual(['a']);
      expect(await projectsIn(b, table), table).toEqual(['b']);
      await expect(sql`UPDATE ${sql.table(table)} SET project_id = 'b'`.execute(a), table).rejects.toMatchObject(
        REFUSED,
      );
    }
    for (const table of TABLES) await sql`DELETE FROM ${sql.table(table)}`.execute(a);
    for (const table of TABLES) expect(await projectsIn(all, table), table).toEqual(['b']);
    await expect(fill(a, 'b')).rejects.toMatchObject(REFUSED);
  });

  test('a statement with the condition of another project finds nothing', async () => {
    expect(await repositoriesOf(database.inProject('a').db, 'b')).toEqual([]);
    expect((await sql`SELECT * FROM ${withTerms('b')}`.execute(a)).rows).toEqual([]);
    expect((await sql`SELECT term, files FROM ${withTerms('a')}`.execute(a)).rows).toEqual([{ term: 1, files: 1 }]);
  });

  const withTerms = (project: string) =>
    sql`code_files_with_terms(${project}, ${[repositoryOf('a'), repositoryOf('b')]}::uuid[], ARRAY['shared'])`;

  test('the role can neither log in nor do more than the work of a project', async () => {
    const { rows } = await sql`SELECT rolcanlogin, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles
      WHERE rolname = ${database.wall?.role ?? ''}`.execute(all);
    expect(rows).toEqual([
      { rolcanlogin: false, rolsuper: false, rolbypassrls: false, rolcreaterole: false, rolcreatedb: false },
    ]);
    for (const statement of [
      'TRUNCATE repositories CASCADE',
      'SELECT * FROM alembic_version',
      'DROP POLICY project ON repositories',
      'ALTER TABLE repositories DISABLE ROW LEVEL SECURITY',
      'ALTER FUNCTION code_files_with_terms SECURITY INVOKER',
    ])
      await expect(sql.raw(statement).execute(a), statement).rejects.toMatchObject(REFUSED);
  });

  test('connections that change hands never mix their projects', async () => {
    const views = [a, b, all].map((db, i) => async () => ({ i, seen: await projectsIn(db, 'code_files') }));
    const seen = await Promise.all(Array.from({ length: 300 }, (_, i) => views[(i * 7) % 3]?.()));
    for (const one of seen) expect(one?.seen).toEqual([['a'], ['b'], ['a', 'b']][one?.i ?? 0]);
    await a
      .transaction()
      .execute((tx) => sql`SELECT 1/0`.execute(tx))
      .catch(() => {});
    expect(await projectsIn(b, 'code_files')).toEqual(['b']);
  });

  test('whoever asks for all projects and may not see them gets an error, not a part', async () => {
    await withoutProject(async (session) => {
      await sql`SET row_security = off`.execute(session);
      await expect(projectsIn(session, 'repositories')).rejects.toMatchObject(REFUSED);
    });
  });
});
