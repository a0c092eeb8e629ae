// The refactoring 005 → 002 and back, on a seeded database with its vector index in place: duration of both ways, of the naive
// way beside them, and of the same searches before and after. Arguments: --large (a million chunks on a server, 100,000
// embedded), --embedded or --server for one engine, --chunks N. The server is DATABASE_URL's; the database is one of its own.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Kysely, sql } from 'kysely';
import { type Config, loadConfig } from '#src/config.js';
import { type Connection, connectDatabase } from '#src/database/database.js';
import { backupFile, writeTablesBackup } from '#src/migrations/backup.js';
import { restore } from '#src/migrations/restore.js';
import { downgrade, type RunOptions, upgrade } from '#src/migrations/runner.js';
import { TOPICS, vectorSource } from '#src/migrations/seed/vectors.js';
import { seed } from '#src/migrations/seed.js';
import { percentile, printTable } from './table.js';

type Engine = Connection['kind'];

const LARGE: Readonly<Record<Engine, number>> = { embedded: 100_000, server: 1_000_000 };
const SMALL = 10_000;
const REPOSITORIES = 100;
const ROUNDS = 3;
const QUERIES = 200;
/** Bytes per chunk that building the index of 768 dimensions in memory takes. */
const INDEX_BYTES = 4500;

const COLUMNS = [
  'engine',
  'chunks',
  'seed s',
  'up s',
  'down s',
  'naive up s',
  'search at 005 p50/p95 ms',
  'at 002',
  'at 002, one project',
  'at 005 again',
];

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      large: { type: 'boolean' },
      embedded: { type: 'boolean' },
      server: { type: 'boolean' },
      chunks: { type: 'string' },
    },
  });
  const both = values.embedded === values.server;
  const rows: string[][] = [];
  for (const engine of ['embedded', 'server'] as const) {
    if (!both && !values[engine]) continue;
    if (engine === 'server' && loadConfig().databaseUrl === undefined) continue;
    const chunks = values.large ? LARGE[engine] : Number(values.chunks ?? SMALL);
    rows.push(await inDatabase(engine, chunks, (connection, directory) => measure(connection, directory, chunks)));
  }
  printTable(
    `Migration 005 → 002 → 005, ${REPOSITORIES} repositories, HNSW index on 768 dimensions in place`,
    COLUMNS,
    rows,
  );
}

async function measure({ db, description, kind }: Connection, directory: string, chunks: number): Promise<string[]> {
  const seeding = await seconds(() => fill(db, chunks));
  const rounds = chunks > SMALL ? 1 : ROUNDS;
  const searches: string[] = [await searchTimes(db, '')];
  const ups: number[] = [];
  const downs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    let file = '';
    const archive: RunOptions['archive'] = async (tx, tables) => {
      file = (await writeTablesBackup(tx, tables, backupFile(directory, `round-${round}`))).file;
    };
    ups.push(await seconds(() => upgrade(db, { target: '002', archive, timeoutMs: 3_600_000 })));
    if (round === 0) searches.push(await searchTimes(db, ''), await searchTimes(db, `where project_id = 'default'`));
    downs.push(await seconds(() => downgrade(db, { target: '005', timeoutMs: 3_600_000 })));
    await restore(db, file);
  }
  searches.push(await searchTimes(db, ''));
  const naive = chunks > SMALL ? 'not run' : (await naiveUpgrade(db)).toFixed(1);
  const engine = kind === 'server' ? description.replace(/ \(.*| at .*/g, '') : description.replace(/ in .*/, '');
  const [up, down] = [percentile(ups, 0.5), percentile(downs, 0.5)];
  return [
    engine,
    chunks.toLocaleString('en-US'),
    seeding.toFixed(0),
    up.toFixed(2),
    down.toFixed(2),
    naive,
    ...searches,
  ];
}

async function fill<DB>(db: Kysely<DB>, chunks: number): Promise<void> {
  await downgrade(db, { target: 'base' });
  await upgrade(db, { target: '005' });
  const size = { repositories: REPOSITORIES, chunks, projects: 1, seed: 1, checksums: false };
  await seed(db, size, () => ({ terms: [], postings: Buffer.alloc(0) }));
  await sql`vacuum analyze`.execute(db);
  await sql`checkpoint`.execute(db);
}

/** An UPDATE of every chunk, which puts each into the vector index once more; rolled back. */
async function naiveUpgrade<DB>(db: Kysely<DB>): Promise<number> {
  let duration = 0;
  const undo = new Error('undo');
  await db
    .transaction()
    .execute(async (tx) => {
      duration = await seconds(async () => {
        await sql`alter table repositories add column project_id varchar(50) not null default 'default'`.execute(tx);
        await sql`alter table code_chunks add column project_id varchar(50)`.execute(tx);
        await sql`update code_chunks c set project_id = r.project_id from repositories r where r.id = c.repository_id`.execute(
          tx,
        );
        await sql`alter table code_chunks alter column project_id set not null`.execute(tx);
        await sql`create index on code_chunks (project_id, repository_id)`.execute(tx);
      });
      throw undo;
    })
    .catch((error: unknown) => {
      if (error !== undo) throw error;
    });
  return duration;
}

/** p50 and p95 of the ten nearest chunks, the same queries every time, after a round that warms up. */
async function searchTimes<DB>(db: Kysely<DB>, where: string): Promise<string> {
  const source = vectorSource(2, 768);
  const queries = Array.from({ length: QUERIES }, (_, i) => Buffer.from(source.near(i % TOPICS), 'base64'));
  const times: number[] = [];
  await db.connection().execute(async (connection) => {
    for (const [i, query] of [...queries, ...queries].entries()) {
      const begin = performance.now();
      await sql`select id, file_path from code_chunks ${sql.raw(where)} order by embedding <=> ${query}::vector limit 10`.execute(
        connection,
      );
      if (i >= QUERIES) times.push(performance.now() - begin);
    }
  });
  return `${percentile(times, 0.5).toFixed(1)} / ${percentile(times, 0.95).toFixed(1)}`;
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return (performance.now() - begin) / 1000;
}

async function inDatabase<T>(
  engine: Engine,
  chunks: number,
  use: (connection: Connection, directory: string) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'codebase-mcp-bench-'));
  const place =
    engine === 'embedded'
      ? { config: loadConfig({ dataDir: join(directory, 'data') }, {}), drop: async () => {} }
      : await ownDatabase(chunks);
  const connection = await connectDatabase(place.config, { holder: 'bench' });
  try {
    return await use(connection, directory);
  } finally {
    await connection.close();
    await place.drop();
    await rm(directory, { recursive: true });
  }
}

/** A database on the server of the configuration, with memory to build its index in. */
async function ownDatabase(chunks: number): Promise<{ config: Config; drop: () => Promise<void> }> {
  const server = loadConfig();
  const name = `bench_${process.pid}`;
  const administer = async (...statements: string[]): Promise<void> => {
    const { db, close } = await connectDatabase(server, { holder: 'bench' });
    for (const statement of statements) await sql.raw(statement).execute(db);
    await close();
  };
  const memory = Math.max(64, Math.ceil((chunks * INDEX_BYTES) / 2 ** 20));
  await administer(`create database ${name}`, `alter database ${name} set maintenance_work_mem = '${memory}MB'`);
  const url = Object.assign(new URL(server.databaseUrl ?? ''), { pathname: `/${name}` }).href;
  return { config: loadConfig({ databaseUrl: url }, {}), drop: () => administer(`drop database ${name} with (force)`) };
}
