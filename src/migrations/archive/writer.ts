// Writes a backup file: streamed, under a temporary name, flushed to disk, then renamed. A file with the final name is whole.
import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { access, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { CodebaseError } from '../../errors.js';
import { type ArchivedTable, type ArchiveHeader, type Row, rowLine, type TableSummary } from './format.js';

export interface TableData {
  readonly table: ArchivedTable;
  readonly rows: AsyncIterable<readonly Row[]>;
}

export interface WrittenArchive {
  readonly file: string;
  readonly bytes: number;
  readonly tables: readonly TableSummary[];
}

/** Fastest level: vectors hardly compress, and level 6 takes four times as long for a tenth less. */
const GZIP_LEVEL = 1;

/**
 * Write `tables` to `file` (mode 0600, its directory is made when missing). Throws `invalid_input` when the file exists,
 * `disk_full` or `permission_denied` when it cannot be written; nothing is left behind then.
 */
export async function writeArchive(
  file: string,
  header: ArchiveHeader,
  tables: AsyncIterable<TableData>,
): Promise<WrittenArchive> {
  await refuseExisting(file);
  const partial = `${file}.${randomUUID().slice(0, 8)}.partial`;
  const summaries: TableSummary[] = [];
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const sink = createWriteStream(partial, { mode: 0o600, flags: 'wx', flush: true });
    await pipeline(archiveLines(header, tables, summaries), createGzip({ level: GZIP_LEVEL }), sink);
    await rename(partial, file);
    await flushDirectory(dirname(file));
  } catch (error) {
    await rm(partial, { force: true });
    throw explain(error, file);
  }
  return { file, bytes: (await stat(file)).size, tables: summaries };
}

async function* archiveLines(
  header: ArchiveHeader,
  tables: AsyncIterable<TableData>,
  summaries: TableSummary[],
): AsyncGenerator<Buffer> {
  const whole = createHash('sha256');
  const line = (text: string): Buffer => {
    const bytes = Buffer.from(text);
    whole.update(bytes);
    return bytes;
  };
  yield line(controlLine(header));
  for await (const { table, rows } of tables) {
    yield line(controlLine({ begin: table }));
    const hash = createHash('sha256');
    let count = 0;
    for await (const batch of rows) {
      const bytes = line(batch.map(rowLine).join(''));
      hash.update(bytes);
      count += batch.length;
      yield bytes;
    }
    const summary = { table: table.name, rows: count, sha256: hash.digest('hex') };
    summaries.push(summary);
    yield line(controlLine({ end: summary }));
  }
  yield Buffer.from(controlLine({ end_of_backup: { tables: summaries.length, sha256: whole.digest('hex') } }));
}

function controlLine(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

async function refuseExisting(file: string): Promise<void> {
  const exists = await access(file).then(
    () => true,
    () => false,
  );
  if (exists) throw new CodebaseError('invalid_input', `${file} exists already; name a file that does not.`);
}

/** So that the new name survives a power cut too; the tables may be dropped right after. */
async function flushDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return; // Windows cannot open a directory
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const WRITE_ERRORS: Readonly<Record<string, readonly ['disk_full' | 'permission_denied', string]>> = {
  ENOSPC: ['disk_full', 'the disk is full'],
  EDQUOT: ['disk_full', 'the disk quota is used up'],
  EACCES: ['permission_denied', 'permission denied'],
  EPERM: ['permission_denied', 'operation not permitted'],
  EROFS: ['permission_denied', 'the file system is read-only'],
};

function explain(error: unknown, file: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const known = WRITE_ERRORS[code];
  if (known === undefined) return error;
  return new CodebaseError(
    known[0],
    `The backup cannot be written to ${file}: ${known[1]}; choose another place with --backup-dir.`,
    { cause: error },
  );
}
