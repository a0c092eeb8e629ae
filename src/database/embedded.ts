// The embedded engine: PGlite with pgvector in a thread of this process, on a data directory that no other process uses.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Kysely, sql } from 'kysely';
import { upgrade } from '../migrations/runner.js';
import { VERSION } from '../version.js';
import { unpack } from './archive.js';
import { claimDirectory, createData, DATA, damagedDirectory, existingData, STAMP, stamp } from './data-directory.js';
import { type Connections, type Engine, openConnections } from './engine.js';
import { type Clients, takeLock } from './lock.js';
import { PGliteThread } from './pglite-thread.js';
import type { WorkerOptions } from './pglite-worker.js';
import { describeEngineReason } from './sqlstates.js';

export const TEMPLATE = new URL('./template.bin', import.meta.url);

const SETTINGS = {
  // A scan of 10,000 chunk vectors takes half the time of one with 16 MB; 128 MB would halve it for 30,000.
  shared_buffers: '48MB',
  // Without these the write-ahead log grows to a gigabyte beside an index of a hundredth of that.
  max_wal_size: '64MB',
  min_wal_size: '8MB',
} as const;

const INITDB_OPTIONS = ['--wal-segsize=1', '--no-instructions'] as const;

/** Opens the database in `directory`, making it when there is none; `holder` is what a second process is told. */
export async function openEmbedded(directory: string, holder: string, clients?: Clients): Promise<Engine> {
  await claimDirectory(directory);
  const lock = await takeLock(directory, holder, clients);
  try {
    const data = (await existingData(directory)) ?? (await createData(directory, fill));
    const thread = await start(directory, data);
    return {
      ...connect(thread, () => lock.release()),
      kind: 'embedded',
      place: `"${directory}"`,
      describe: (version) => `PGlite (PostgreSQL ${version}) in ${directory}`,
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function fill(root: string): Promise<void> {
  const template = await readFile(TEMPLATE).catch(() => null);
  await (template ? unpack(template, root) : makeDatabase(root));
}

/** Makes a database with the schema at head in `root`: a few seconds of work, which the template saves. */
export async function makeDatabase(root: string): Promise<void> {
  await mkdir(root, { recursive: true, mode: 0o700 });
  // Log files kept for reuse would be half of the template.
  const options = workerOptions(join(root, DATA), { wal_recycle: 'off' });
  const { dialect, close } = connect(await PGliteThread.start(options), async () => {});
  try {
    const db = new Kysely<unknown>({ dialect });
    await upgrade(db);
    for (const text of TRIM) await sql.raw(text).execute(db);
    const { rows } = await sql<{ postgres: string; pgvector: string }>`
      SELECT current_setting('server_version') AS postgres, extversion AS pgvector FROM pg_extension WHERE extname = 'vector'`.execute(
      db,
    );
    if (!rows[0]) throw new Error('the schema has no pgvector');
    await writeFile(join(root, STAMP), stamp({ ...rows[0], created_by: VERSION }), { mode: 0o600 });
  } finally {
    await close();
  }
}

/** Nothing is created from these two databases, and without them a new directory is a third of the size. */
const TRIM = [
  'UPDATE pg_database SET datistemplate = false',
  'DROP DATABASE template0',
  'DROP DATABASE template1',
  'VACUUM FULL',
  'CHECKPOINT',
];

function workerOptions(dataDirectory: string, settings: WorkerOptions['settings'] = {}): WorkerOptions {
  return { dataDirectory, settings: { ...SETTINGS, ...settings }, initdbOptions: INITDB_OPTIONS };
}

async function start(directory: string, data: string): Promise<PGliteThread> {
  try {
    return await PGliteThread.start(workerOptions(data));
  } catch (error) {
    const reason = (error as Error).message;
    throw describeEngineReason(reason, `"${directory}"`) ?? damagedDirectory(directory, reason, error);
  }
}

function connect(thread: PGliteThread, release: () => Promise<void>): Connections {
  // The engine has one session: a pool with room for two would wait for ever for the second.
  const stream = () => thread.connect() as never;
  return openConnections(
    {
      place: 'the embedded database',
      stream,
      max: 1,
      idleTimeoutMillis: 0,
      user: 'postgres',
      database: 'postgres',
      ssl: false,
    },
    (timeoutMs) => thread.close(timeoutMs).finally(release),
  );
}
