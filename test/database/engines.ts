// Runs one story on both engines, each time on a fresh database: embedded in a temporary directory, server in a database of
// its own on TEST_DATABASE_URL (scripts/postgres.sh starts one).
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { describe } from 'vitest';
import { type Config, loadConfig } from '#src/config.js';
import { type Database, openDatabase } from '#src/database/database.js';

export type EngineName = 'embedded' | 'server';

/** The PostgreSQL server that tests may make databases on. */
export const SERVER_URL = process.env['TEST_DATABASE_URL'];

/** A database that belongs to one test. `remove` closes it and takes it away. */
export interface TestDatabase extends Database {
  /** Sees all projects. */
  readonly db: Database['allProjects'];
  readonly config: Config;
  remove(): Promise<void>;
}

/** The story once per engine; the server's is skipped, visibly, when TEST_DATABASE_URL is not set. */
export function describeEngines(story: (engine: EngineName) => void): void {
  describe('embedded PGlite', () => story('embedded'));
  describe.skipIf(SERVER_URL === undefined)('PostgreSQL at TEST_DATABASE_URL', () => story('server'));
}

/** A new database with the schema at head. */
export async function openTestDatabase(engine: EngineName): Promise<TestDatabase> {
  const place = await makePlace(engine);
  const database = await openDatabase(place.config, { holder: 'test' });
  return {
    ...database,
    db: database.allProjects,
    config: place.config,
    async remove() {
      await database.close();
      await place.remove();
    },
  };
}

/** Where a new database will be made by whoever opens `config` first. */
export async function makePlace(engine: EngineName): Promise<{ config: Config; remove(): Promise<void> }> {
  if (engine === 'server') return await makeServerPlace();
  const dataDir = await mkdtemp(join(tmpdir(), 'codebase-mcp-test-'));
  return { config: loadConfig({ dataDir }, {}), remove: () => rm(dataDir, { recursive: true, force: true }) };
}

async function makeServerPlace(): Promise<{ config: Config; remove(): Promise<void> }> {
  return await makeServerDatabase({ CODEBASE_MCP_ISOLATION: 'shared' });
}

/** A new database on the server, for a codebase with these settings; its projects' databases are removed with it. */
export async function makeServerDatabase(
  settings: Readonly<Record<string, string>>,
): Promise<{ config: Config; remove(): Promise<void> }> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await onServer(`CREATE DATABASE ${name}`);
  const url = new URL(SERVER_URL ?? '');
  url.pathname = `/${name}`;
  return {
    config: loadConfig({ databaseUrl: url.href }, settings),
    remove: async () => {
      for (const project of await databasesOf(url.href)) await onServer(`DROP DATABASE "${project}" WITH (FORCE)`);
      await onServer(`DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

/** The databases that carry the mark of the registry in the database of the URL. */
export async function databasesOf(registryUrl: string): Promise<readonly string[]> {
  const [there] = await query<{ there: boolean }>(
    registryUrl,
    "SELECT to_regclass('codebase_registry') IS NOT NULL AS there",
  );
  if (!there?.there) return [];
  const rows = await query<{ name: string }>(
    registryUrl,
    `SELECT datname AS name FROM pg_database, codebase_registry
     WHERE shobj_description(oid, 'pg_database') LIKE '%' || codebase_registry.id ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
}

/** Rows of a statement in the database of the URL. */
export async function query<T extends object>(url: string, statement: string, values: unknown[] = []): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(statement, values)).rows;
  } finally {
    await client.end();
  }
}

export async function onServer(statement: string): Promise<void> {
  await query(SERVER_URL ?? '', statement);
}
