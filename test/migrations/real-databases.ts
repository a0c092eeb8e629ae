// Databases as the program itself opens them, seeded at 005 and copied for each test: what the fault tests break.
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { loadConfig } from '#src/config.js';
import { type Connection, connectDatabase } from '#src/database/database.js';
import { downgrade, upgrade } from '#src/migrations/runner.js';
import { type Rows, rowsOf } from './complete.js';
import { SERVER } from './engines.js';
import { seedSmall } from './small-seed.js';

export interface RealDatabase {
  /** What the environment has to say for the program to find it. */
  readonly env: Readonly<Record<string, string>>;
  open(): Promise<Connection>;
  remove(): Promise<void>;
}

export interface Seeded {
  readonly before: Rows;
  copy(place?: string): Promise<RealDatabase>;
  remove(): Promise<void>;
}

export type RealEngine = 'embedded' | 'server';

export function seeded(engine: RealEngine): Promise<Seeded> {
  return engine === 'embedded' ? seededDirectory() : seededServer();
}

function open(env: RealDatabase['env']): Promise<Connection> {
  return connectDatabase(loadConfig({}, env), { holder: 'test' });
}

async function fill(connection: Connection): Promise<Rows> {
  // A new embedded database comes at head.
  if (connection.kind === 'embedded') await downgrade(connection.db, { target: '005' });
  else await upgrade(connection.db, { target: '005' });
  await seedSmall(connection.db);
  return rowsOf(connection.db);
}

async function seededDirectory(): Promise<Seeded> {
  const root = await mkdtemp(join(tmpdir(), 'faults-'));
  const original = join(root, 'original');
  const connection = await open({ CODEBASE_MCP_DATA_DIR: original });
  const before = await fill(connection);
  await connection.close();
  return {
    before,
    async copy(place = join(root, randomUUID())) {
      await cp(original, place, { recursive: true, filter: (source) => !/owner\.[^/]*$/.test(source) });
      const env = { CODEBASE_MCP_DATA_DIR: place };
      return { env, open: () => open(env), remove: () => rm(place, { recursive: true }) };
    },
    remove: () => rm(root, { recursive: true }),
  };
}

async function seededServer(): Promise<Seeded> {
  const template = await createDatabase('');
  const connection = await open({ DATABASE_URL: template.url });
  const before = await fill(connection);
  await connection.close();
  return {
    before,
    async copy(place) {
      const where = place === undefined ? '' : `tablespace ${place}`;
      const { url, name } = await createDatabase(`template ${template.name} ${where}`);
      const env = { DATABASE_URL: url };
      return { env, open: () => open(env), remove: () => dropDatabase(name) };
    },
    remove: () => dropDatabase(template.name),
  };
}

async function createDatabase(options: string): Promise<{ name: string; url: string }> {
  const name = `faults_${randomUUID().replaceAll('-', '')}`;
  await administer(`create database ${name} ${options}`);
  return { name, url: Object.assign(new URL(SERVER ?? ''), { pathname: `/${name}` }).href };
}

async function dropDatabase(name: string): Promise<void> {
  await administer(`drop database ${name} with (force)`);
}

export async function administer(statement: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: SERVER });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}

/** A file system of so many bytes, and how to take it away; null where this user may not mount one. */
export async function smallDisk(bytes: number): Promise<{ path: string; remove: () => Promise<void> } | null> {
  const run = promisify(execFile);
  const path = await mkdtemp(join(tmpdir(), 'disk-'));
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=777`, 'tmpfs', path]);
  } catch {
    await rm(path, { recursive: true });
    return null;
  }
  const remove = async () => {
    await run('umount', ['--lazy', path]);
    await rm(path, { recursive: true });
  };
  return { path, remove };
}
