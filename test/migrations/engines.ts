// Empty databases for the migration tests, on the embedded engine and on the PostgreSQL that TEST_DATABASE_URL names.
import { randomUUID } from 'node:crypto';
import { PGlite } from '@electric-sql/pglite';
import { createPgConfig } from '@electric-sql/pglite/node-postgres';
import { vector } from '@electric-sql/pglite-pgvector';
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { describe } from 'vitest';

export const SERVER = process.env['TEST_DATABASE_URL'];

export interface TestDatabase {
  readonly kind: 'embedded' | 'server';
  readonly db: Kysely<unknown>;
  /** Connection URL; null on the embedded engine. */
  readonly url: string | null;
  close(): Promise<void>;
}

export interface Engine {
  readonly kind: TestDatabase['kind'];
  /** A database of its own, without tables. */
  open(): Promise<TestDatabase>;
}

let shared: Promise<PGlite> | undefined;

const EMBEDDED: Engine = {
  kind: 'embedded',
  // Starting the engine takes seconds: one for the file, emptied for every test.
  async open() {
    shared ??= PGlite.create({ extensions: { vector } });
    const engine = await shared;
    await engine.exec('drop schema public cascade; create schema public; drop extension if exists vector cascade');
    const pool = new pg.Pool({ ...createPgConfig(engine), max: 1, idleTimeoutMillis: 0 });
    const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
    return { kind: 'embedded', db, url: null, close: () => db.destroy() };
  },
};

const ON_SERVER: Engine = {
  kind: 'server',
  async open() {
    const name = `test_${randomUUID().replaceAll('-', '')}`;
    await administer(`create database ${name}`);
    const url = Object.assign(new URL(SERVER ?? ''), { pathname: `/${name}` }).href;
    const pool = new pg.Pool({ connectionString: url, max: 4 });
    pool.on('error', () => {}); // a session that ends late is ended by `drop database`
    pool.on('connect', (client) => void client.on('error', () => {})); // its next query fails
    const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
    const close = async () => {
      await db.destroy();
      await administer(`drop database ${name} with (force)`);
    };
    return { kind: 'server', db, url, close };
  },
};

async function administer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: SERVER });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** `describe` for both engines; the server's part is skipped, by name, where no server is given. */
export function describeEngines(name: string, body: (engine: Engine) => void): void {
  describe(`${name}, embedded`, () => body(EMBEDDED));
  describe.skipIf(SERVER === undefined)(`${name}, server (needs TEST_DATABASE_URL)`, () => body(ON_SERVER));
}

/** For tests that need both at once. */
export const ENGINES = { embedded: EMBEDDED, server: SERVER === undefined ? null : ON_SERVER };

/** Run one statement and return its rows. */
export async function rows<T>(db: Kysely<unknown>, text: string): Promise<readonly T[]> {
  return (await sql.raw<T>(text).execute(db)).rows;
}
