// The embedded engine: PGlite with pgvector in a thread of this process, on a data directory that no other process uses.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Kysely, sql } from 'kysely';
import { upgrade } from '../migrations/runner.js';
import { VERSION } from '../version.js';
import { unpack } from './archive.js';
import {
  claimDirectory,
  createData,
  DATA,
  DamagedDirectory,
  diedOpen,
  existingData,
  STAMP,
  stamp,
} from './data-directory.js';
import { type Connections, type Engine, openConnections } from './engine.js';
import { checkIndexes } from './index-check.js';
import { type Clients, type Lock, takeLock } from './lock.js';
import { PGliteThread } from './pglite-thread.js';
import type { WorkerOptions } from './pglite-worker.js';
import { condemn, type SetAside, setAsideIfCondemned } from './set-aside.js';
import { damageOf, describeEngineReason } from './sqlstates.js';
import type { Tables } from './tables.js';
import { raiseWall } from './wall.js';

export const TEMPLATE = new URL('./template.bin', import.meta.url);

const SETTINGS = {
  // A scan of 10,000 chunk vectors takes half the time of one with 16 MB; 128 MB would halve it for 30,000.
  shared_buffers: '48MB',
  // Without these the write-ahead log grows to a gigabyte beside an index of a hundredth of that.
  max_wal_size: '64MB',
  min_wal_size: '8MB',
  // New terms wait in a list that every search reads until it is full; with 4 MB the planner rather reads all files.
  gin_pending_list_limit: '256kB',
  // A sample of 6,000 rows; one of 30,000 keeps searches waiting for 300 ms, most of it for sorting texts and vectors.
  default_statistics_target: '20',
} as const;

/** An engine that nobody has asked for so long is closed until it is asked again: that takes half a second and saves the memory. */
const IDLE_MS = 30_000;

/** How long an engine with damaged indexes may take to close. */
const CHECKED_CLOSE_MS = 1000;

const INITDB_OPTIONS = ['--wal-segsize=1', '--no-instructions'] as const;

export interface EmbeddedOptions {
  /** What a second process is told: "codebase-mcp owner". */
  readonly holder: string;
  readonly clients?: Clients | undefined;
  /** Set a damaged database aside and make an empty one, instead of refusing it. */
  readonly replaceDamaged: boolean;
}

/** Opens the database in `directory`, making it when there is none. */
export async function openEmbedded(directory: string, options: EmbeddedOptions): Promise<Engine> {
  await claimDirectory(directory);
  const lock = await takeLock(directory, options.holder, options.clients);
  try {
    return await (options.replaceDamaged ? openOrReplace(directory, lock) : openHeld(directory, lock, null));
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** What cannot be opened is tried once more before it is taken for damaged. */
async function openOrReplace(directory: string, lock: Lock): Promise<Engine> {
  for (let attempt = 1; ; attempt++) {
    const setAside = await setAsideIfCondemned(directory);
    try {
      return await openHeld(directory, lock, { setAside });
    } catch (error) {
      if (!(error instanceof DamagedDirectory) || setAside !== null) throw error;
      if (attempt > 1) condemn(directory, error.reason);
    }
  }
}

async function openHeld(
  directory: string,
  lock: Lock,
  owned: { readonly setAside: SetAside | null } | null,
): Promise<Engine> {
  const data = (await existingData(directory)) ?? (await createData(directory, fill));
  const suspect = owned !== null && (await diedOpen(data));
  const thread = await start(directory, data, suspect);
  const connections = connect(thread, () => lock.release());
  if (suspect) {
    await checkIndexes(new Kysely({ dialect: connections.dialect })).catch(async (error: unknown) => {
      await thread.close(CHECKED_CLOSE_MS);
      const damage = damageOf(error);
      if (damage === null) throw error;
      condemn(directory, damage); // a second look would find it closed in good order, and not check it
      throw new DamagedDirectory(directory, damage, error);
    });
  }
  return {
    ...connections,
    kind: 'embedded',
    place: `"${directory}"`,
    describe: (version) => `PGlite (PostgreSQL ${version}) in ${directory}`,
    setAside: owned?.setAside ?? null,
    condemn: (reason) => condemnIfThere(directory, reason),
  };
}

/** A directory that was removed, or is full, keeps no note: whoever opens it next sees for itself. */
function condemnIfThere(directory: string, reason: string): void {
  try {
    condemn(directory, reason);
  } catch {}
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
    const db = new Kysely<Tables>({ dialect });
    await upgrade(db);
    await raiseWall(db, 'embedded');
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

async function start(directory: string, data: string, amcheck: boolean): Promise<PGliteThread> {
  try {
    return await PGliteThread.start({ ...workerOptions(data), amcheck });
  } catch (error) {
    const reason = (error as Error).message;
    throw describeEngineReason(reason, `"${directory}"`) ?? new DamagedDirectory(directory, reason, error);
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
      idleTimeoutMillis: IDLE_MS,
      user: 'postgres',
      database: 'postgres',
      ssl: false,
    },
    (timeoutMs) => thread.close(timeoutMs).finally(release),
  );
}
