// The embedded database's directory: made whole or not at all, and opened only when it is ours and this engine can read it.
//   database.json  what made it     pgdata/  the PostgreSQL files     owner.json, owner.<n>.sock  the lock (lock.ts)
//   damaged-<time>/  a database that could not be read (set-aside.ts)
//   backups/  what `db backup` wrote, and what a schema change was about to drop
import { access, constants, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { CodebaseError } from '../errors.js';
import { describeDatabaseError } from './sqlstates.js';

/** The PostgreSQL major version of the pinned PGlite; its files are unreadable to every other. */
export const POSTGRES_MAJOR = 18;

const FORMAT = 1;
export const STAMP = 'database.json';
export const DATA = 'pgdata';
const DRAFT = 'new';
const PID_FILE = 'postmaster.pid';
const OURS = /^(database\.json|pgdata|new|backups|owner\.json(\.\d+)?|owner\.\d+\.sock|damaged\.txt|damaged-\w+)$/;
/** What operating systems put into directories by themselves. */
const IGNORED: ReadonlySet<string> = new Set(['.DS_Store', 'lost+found']);
const NEXT_STEP =
  'move it away or set CODEBASE_MCP_DATA_DIR to another directory, and index again: the code itself is not touched';

const Stamp = z.object({
  format: z.int(),
  /** Full versions, for people and for the next engine. */
  postgres: z.string(),
  pgvector: z.string(),
  /** The version of codebase-mcp. */
  created_by: z.string(),
});

/** The text of database.json. */
export function stamp(versions: Omit<z.infer<typeof Stamp>, 'format'>): string {
  return `${JSON.stringify({ format: FORMAT, ...versions }, null, 2)}\n`;
}

/** Makes the directory (0700) or refuses one that cannot be ours; to be called before anything is written into it. */
export async function claimDirectory(directory: string): Promise<void> {
  await attempt(directory, async () => {
    const existing = await stat(directory).catch(ifMissing(null));
    if (existing && !existing.isDirectory()) {
      throw new CodebaseError(
        'data_directory',
        `The data directory "${directory}" is a file; set CODEBASE_MCP_DATA_DIR to a directory.`,
      );
    }
    await makeDirectory(directory);
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK);
    const names = await readdir(directory);
    const foreign = names.find((name) => !OURS.test(name) && !IGNORED.has(name));
    if (foreign !== undefined && !names.includes(STAMP)) {
      throw new CodebaseError(
        'data_directory',
        `"${directory}" is not a codebase-mcp data directory (it holds "${foreign}"); set CODEBASE_MCP_DATA_DIR to an empty or new directory.`,
      );
    }
  });
}

/** Makes the directory and those above it. Node's own recursion never ends where a file system refuses with ENOENT, as /proc does. */
async function makeDirectory(directory: string): Promise<void> {
  const existing = await stat(directory).catch(ifMissing(null));
  if (existing) return;
  const parent = dirname(directory);
  if (parent !== directory) await makeDirectory(parent);
  await mkdir(directory, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') return; // another process was as quick
    if (error.code !== 'ENOENT') throw error;
    throw new CodebaseError(
      'data_directory',
      `The data directory "${directory}" cannot be made there; set CODEBASE_MCP_DATA_DIR to a directory of your own.`,
      { cause: error },
    );
  });
}

/** Whether a process died while it had the database open, which leaves its pid file. The lock must be held. */
export async function diedOpen(data: string): Promise<boolean> {
  return (await stat(join(data, PID_FILE)).catch(ifMissing(null))) !== null;
}

/** The path of the PostgreSQL files, or null when there are none yet. The lock must be held. */
export async function existingData(directory: string): Promise<string | null> {
  const data = join(directory, DATA);
  return await attempt(directory, async () => {
    const found = await stat(data).catch(ifMissing(null));
    if (!found) return null;
    if (!found.isDirectory()) throw new DamagedDirectory(directory, 'pgdata is a file');
    const madeBy = await checkStamp(directory);
    const major = (await readFile(join(data, 'PG_VERSION'), 'utf8').catch(ifMissing(''))).trim();
    if (major === '') throw new DamagedDirectory(directory, 'pgdata/PG_VERSION is missing');
    await removeEmptyPidFile(data);
    if (major !== String(POSTGRES_MAJOR)) {
      throw new CodebaseError(
        'data_directory',
        `The index in "${directory}" was written by PostgreSQL ${major.slice(0, 20)} (codebase-mcp ${madeBy}), and this version reads ${POSTGRES_MAJOR}; carry it over with codebase-mcp db backup FILE of that version and codebase-mcp db restore FILE of this one in another CODEBASE_MCP_DATA_DIR, or move it away and index again: the code itself is not touched.`,
      );
    }
    return data;
  });
}

/**
 * A process killed just when PostgreSQL made its pid file leaves an empty one, which PostgreSQL refuses for ever, because it
 * cannot know that nobody runs. We know: the lock is ours.
 */
async function removeEmptyPidFile(data: string): Promise<void> {
  const file = join(data, PID_FILE);
  const found = await stat(file).catch(ifMissing(null));
  if (found?.size === 0) await rm(file);
}

/** The version of codebase-mcp that made the database. */
async function checkStamp(directory: string): Promise<string> {
  const text = await readFile(join(directory, STAMP), 'utf8').catch(ifMissing(null));
  if (text === null) throw new DamagedDirectory(directory, 'database.json is missing');
  const found = Stamp.safeParse(parseJson(text));
  if (!found.success) throw new DamagedDirectory(directory, 'database.json is not readable');
  if (found.data.format > FORMAT) {
    throw new CodebaseError(
      'database_newer',
      `The index in "${directory}" was made by codebase-mcp ${found.data.created_by} in a newer format; use that version, or ${NEXT_STEP}.`,
    );
  }
  return found.data.created_by;
}

/**
 * Makes the database of a directory that has none: `make` writes database.json and pgdata/ into the path it is given, and
 * a death on the way leaves nothing that counts. Returns the path of the PostgreSQL files.
 */
export async function createData(directory: string, make: (draft: string) => Promise<void>): Promise<string> {
  return await attempt(directory, async () => {
    const draft = join(directory, DRAFT);
    await rm(draft, { recursive: true, force: true });
    try {
      await make(draft);
      await rename(join(draft, STAMP), join(directory, STAMP));
      await rename(join(draft, DATA), join(directory, DATA));
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
    return join(directory, DATA);
  });
}

/** The database is there and cannot be used; the owner sets it aside and makes an empty one, other commands say so. */
export class DamagedDirectory extends CodebaseError {
  readonly reason: string;

  constructor(directory: string, reason: string, cause?: unknown) {
    super(
      'data_directory',
      `The index in "${directory}" cannot be opened (${reason}); codebase-mcp index sets it aside under another name and indexes again: the code itself is not touched.`,
      { cause },
    );
    this.reason = reason;
  }
}

async function attempt<T>(directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw outsideDirectory(directory, error) ?? describeDatabaseError(error, `"${directory}"`) ?? error;
  }
}

function outsideDirectory(directory: string, error: unknown): CodebaseError | null {
  if ((error as NodeJS.ErrnoException).code !== 'ENOTDIR') return null;
  return new CodebaseError(
    'data_directory',
    `The data directory "${directory}" lies below a file; set CODEBASE_MCP_DATA_DIR to another path.`,
  );
}

function ifMissing<T>(value: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === 'ENOENT') return value;
    throw error;
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
