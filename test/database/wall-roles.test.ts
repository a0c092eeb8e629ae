// Who may raise the second wall: roles of a server that are not its superuser.
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterEach, describe, expect, test } from 'vitest';
import { openCodebase } from '#src/app.js';
import { type Config, loadConfig } from '#src/config.js';
import { connectDatabase, type Database, openDatabase } from '#src/database/database.js';
import { examineWall } from '#src/database/doctor.js';
import { downgrade, upgrade } from '#src/migrations/runner.js';
import { makeServerDatabase, onServer, query, SERVER_URL } from './engines.js';

describe.skipIf(SERVER_URL === undefined)('PostgreSQL at TEST_DATABASE_URL', () => {
  const undo: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });

  /** A database whose owner, a role with these attributes, connects to it. */
  async function owned(
    attributes: string,
  ): Promise<{ login: string; config: Config; run: (sql: string) => Promise<unknown> }> {
    const login = `Owner-${randomUUID().slice(0, 8)}`;
    await onServer(`CREATE ROLE "${login}" LOGIN ${attributes}`);
    undo.push(() => onServer(`DROP ROLE IF EXISTS "codebase_mcp_${login}"; DROP ROLE "${login}"`));
    const { config, remove } = await makeServerDatabase({});
    undo.push(remove);
    const url = config.databaseUrl ?? '';
    const run = (statement: string) => query(url, statement);
    await run(`CREATE EXTENSION vector; ALTER DATABASE "${new URL(url).pathname.slice(1)}" OWNER TO "${login}"`);
    return { login, config: as(login, config), run };
  }

  function as(login: string, { databaseUrl = '' }: Config): Config {
    const url = new URL(databaseUrl);
    url.username = login;
    return loadConfig({ databaseUrl: url.href }, { CODEBASE_MCP_ISOLATION: 'shared' });
  }

  async function open(config: Config): Promise<Database> {
    const database = await openDatabase(config, { holder: 'test' });
    undo.push(() => database.close());
    return database;
  }

  const insert = (database: Database, project: string) =>
    sql`INSERT INTO repositories (project_id, path, name) VALUES (${project}, '/r', 'r') ON CONFLICT DO NOTHING`.execute(
      database.inProject(project).db,
    );

  /** Projects that a statement without a condition shows in the session of one. */
  async function seen(database: Database): Promise<readonly string[]> {
    for (const project of ['a', 'b']) await insert(database, project);
    const { rows } = await sql<{ id: string }>`SELECT project_id AS id FROM repositories ORDER BY 1`.execute(
      database.inProject('a').db,
    );
    return rows.map(({ id }) => id);
  }

  test('one that may make roles raises it by itself, however many open the database at once', async () => {
    const { login, config } = await owned('CREATEROLE');
    await (await open(config)).close();
    const databases = await Promise.all([open(config), open(config), open(config)]);
    for (const database of databases) {
      expect(database.wall).toMatchObject({ role: `codebase_mcp_${login}` });
      expect(await seen(database)).toEqual(['a']);
    }
  });

  test('one that may not goes on without it, and knows the statements that raise it', async () => {
    const { login, config, run } = await owned('');
    const without = await open(config);
    const statements = `CREATE ROLE "codebase_mcp_${login}" NOLOGIN; GRANT "codebase_mcp_${login}" TO "${login}";`;
    expect(without.wall).toEqual({ role: null, statements });
    expect(await seen(without)).toEqual(['a', 'b']);
    expect(examineWall(without)).toEqual([
      expect.objectContaining({ remedy: `have an administrator of that database run: ${statements}` }),
    ]);
    const codebase = await openCodebase(config, { holder: 'test' });
    undo.push(() => codebase.close());
    expect((await codebase.status({})).engine).toContain('without row-level security between projects');
    await run(statements);
    const walled = await open(config);
    expect(walled.wall).toMatchObject({ role: `codebase_mcp_${login}` });
    expect(await seen(walled)).toEqual(['a']);
    expect(examineWall(walled)).toEqual([]);
  });

  test('an upgrade that a superuser ran for them leaves everything to the owner of the tables', async () => {
    const { config } = await owned('CREATEROLE');
    await (await open(config)).close();
    const url = new URL(config.databaseUrl ?? '');
    url.username = new URL(SERVER_URL ?? '').username;
    const superuser = await connectDatabase(loadConfig({ databaseUrl: url.href }, {}), { holder: 'test' });
    await downgrade(superuser.db, { target: '006' });
    await upgrade(superuser.db);
    await superuser.close();
    const { wall, inProject } = await open(config);
    expect(wall).toMatchObject({ role: expect.any(String) });
    expect((await askForTerms().execute(inProject('a').db)).rows).toEqual([]);
  });

  const askForTerms = () => sql`SELECT * FROM code_files_with_terms('a', '{}', ARRAY['x'])`;

  test('what a downgrade took with it is granted again', async () => {
    const { config } = await owned('CREATEROLE');
    await (await open(config)).close();
    const connection = await connectDatabase(config, { holder: 'test' });
    for (const target of ['006', '002']) {
      await downgrade(connection.db, { target });
      await upgrade(connection.db);
      const { wall, inProject } = await open(config);
      expect(wall).toMatchObject({ role: expect.any(String) });
      expect((await askForTerms().execute(inProject('a').db)).rows).toEqual([]);
    }
    await connection.close();
  });

  test('a role of its name that sees everything is no wall', async () => {
    const { login, config, run } = await owned('');
    const role = `"codebase_mcp_${login}"`;
    await run(`CREATE ROLE ${role} NOLOGIN BYPASSRLS; GRANT ${role} TO "${login}"`);
    const without = await open(config);
    expect(without.wall).toMatchObject({ role: null });
    expect(await seen(without)).toEqual(['a', 'b']);
    await run((without.wall as { statements: string }).statements);
    expect(await seen(await open(config))).toEqual(['a']);
  });

  test('tables in a schema of the name of their owner are found by the role as well', async () => {
    const { login, config, run } = await owned('CREATEROLE');
    await run(`CREATE SCHEMA AUTHORIZATION "${login}"`);
    const database = await open(config);
    expect(await seen(database)).toEqual(['a']);
    expect(await query(config.databaseUrl ?? '', `SELECT to_regclass('public.repositories') AS public`)).toEqual([
      { public: null },
    ]);
  });

  test('one that does not own the tables is told so, where it would be shown nothing', async () => {
    const { login, config, run } = await owned('CREATEROLE');
    await (await open(config)).close();
    const other = `other-${randomUUID().slice(0, 8)}`;
    await run(`CREATE ROLE "${other}" LOGIN; GRANT ALL ON ALL TABLES IN SCHEMA public TO "${other}"`);
    undo.push(() => onServer(`DROP ROLE "${other}"`));
    undo.push(() => run(`DROP OWNED BY "${other}"`));
    await expect(openDatabase(as(other, config), { holder: 'test' })).rejects.toMatchObject({
      code: 'permission_denied',
      message: `The role "${other}" in DATABASE_URL does not own the tables, and row-level security hides their rows from it; connect as "${login}", or have "${login}" run: GRANT "${login}" TO "${other}";`,
    });
    await run(`GRANT "${login}" TO "${other}"`);
    expect((await open(as(other, config))).wall).toMatchObject({ role: null });
  });
});
