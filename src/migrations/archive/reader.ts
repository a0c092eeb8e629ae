// Reads a backup file and checks it while reading: every count and checksum, and that the file is whole.
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { CodebaseError } from '../../errors.js';
import {
  ARCHIVE_VERSION,
  type ArchivedTable,
  ArchiveEndLine,
  ArchiveHeader,
  type Row,
  TableEndLine,
  TableLine,
  type TableSummary,
} from './format.js';
import { byteLines } from './lines.js';

export type ArchivePart =
  | { readonly kind: 'header'; readonly header: ArchiveHeader }
  | { readonly kind: 'table'; readonly table: ArchivedTable }
  | { readonly kind: 'rows'; readonly rows: readonly Row[] }
  | { readonly kind: 'end'; readonly summary: TableSummary };

export interface ArchiveContents {
  readonly header: ArchiveHeader;
  readonly tables: readonly (TableSummary & { readonly columns: ArchivedTable['columns'] })[];
}

/** Read the whole file without keeping its rows. Throws `invalid_input` with one sentence when it is not intact. */
export async function verifyArchive(file: string): Promise<ArchiveContents> {
  let header: ArchiveHeader | undefined;
  let table: ArchivedTable | undefined;
  const tables: ArchiveContents['tables'][number][] = [];
  for await (const part of readArchive(file)) {
    if (part.kind === 'header') header = part.header;
    if (part.kind === 'table') table = part.table;
    if (part.kind === 'end') tables.push({ ...part.summary, columns: table?.columns ?? [] });
  }
  if (header === undefined) throw notABackup(file);
  return { header, tables };
}

/** The parts in file order; rows in batches. Throws as `verifyArchive` does, at the latest after the last part. */
export async function* readArchive(file: string): AsyncGenerator<ArchivePart> {
  const state = new ArchiveState(file);
  const source = createReadStream(file);
  const unzipped = createGunzip();
  source.on('error', (error) => unzipped.destroy(error));
  try {
    for await (const lines of byteLines(source.pipe(unzipped))) yield* state.accept(lines);
  } catch (error) {
    throw explain(error, file);
  } finally {
    source.destroy();
  }
  state.checkComplete();
}

class ArchiveState {
  readonly #file: string;
  readonly #whole = createHash('sha256');
  #headerSeen = false;
  #table: { readonly name: string; readonly hash: Hash; rows: number } | undefined;
  #tables = 0;
  #complete = false;

  constructor(file: string) {
    this.#file = file;
  }

  *accept(lines: readonly Buffer[]): Generator<ArchivePart> {
    let rows: Row[] = [];
    for (const line of lines) {
      if (this.#complete) throw this.#changed('there is data after its end');
      const value = this.#parse(line);
      if (Array.isArray(value)) {
        rows.push(this.#row(value, line));
        continue;
      }
      if (rows.length > 0) yield { kind: 'rows', rows };
      rows = [];
      const part = this.#control(value, line);
      if (part !== undefined) yield part;
    }
    if (rows.length > 0) yield { kind: 'rows', rows };
  }

  checkComplete(): void {
    if (!this.#headerSeen) throw notABackup(this.#file);
    if (!this.#complete) throw truncated(this.#file);
  }

  #parse(line: Buffer): unknown {
    try {
      return JSON.parse(line.toString());
    } catch {
      throw this.#headerSeen ? this.#changed('a line cannot be read') : notABackup(this.#file);
    }
  }

  #row(value: unknown[], line: Buffer): Row {
    if (this.#table === undefined) throw this.#changed('a row stands outside a table');
    this.#whole.update(line);
    this.#table.hash.update(line);
    this.#table.rows += 1;
    return value as Row;
  }

  #control(value: unknown, line: Buffer): ArchivePart | undefined {
    if (!this.#headerSeen) return this.#header(value, line);
    const begin = TableLine.safeParse(value);
    if (begin.success) return this.#begin(begin.data.begin, line);
    const end = TableEndLine.safeParse(value);
    if (end.success) return this.#end(end.data.end, line);
    const last = ArchiveEndLine.safeParse(value);
    if (!last.success) throw this.#changed('a line cannot be read');
    const { tables, sha256 } = last.data.end_of_backup;
    if (tables !== this.#tables || sha256 !== this.#whole.digest('hex')) throw this.#changed('its checksum differs');
    this.#complete = true;
    return undefined;
  }

  #header(value: unknown, line: Buffer): ArchivePart {
    const header = ArchiveHeader.safeParse(value);
    if (!header.success) throw notABackup(this.#file);
    if (header.data.version > ARCHIVE_VERSION) {
      throw new CodebaseError(
        'database_newer',
        `${this.#file} has backup format ${header.data.version} and this program reads up to ${ARCHIVE_VERSION}; use the version that wrote it.`,
      );
    }
    this.#headerSeen = true;
    this.#whole.update(line);
    return { kind: 'header', header: header.data };
  }

  #begin(table: ArchivedTable, line: Buffer): ArchivePart {
    if (this.#table !== undefined) throw this.#changed(`table ${this.#table.name} has no end`);
    this.#whole.update(line);
    this.#table = { name: table.name, hash: createHash('sha256'), rows: 0 };
    return { kind: 'table', table };
  }

  #end(summary: TableSummary, line: Buffer): ArchivePart {
    const table = this.#table;
    if (table === undefined || table.name !== summary.table) throw this.#changed('its tables are out of order');
    if (table.rows !== summary.rows) {
      throw this.#changed(`table ${table.name} has ${table.rows} rows instead of ${summary.rows}`);
    }
    if (table.hash.digest('hex') !== summary.sha256) throw this.#changed(`the checksum of table ${table.name} differs`);
    this.#whole.update(line);
    this.#table = undefined;
    this.#tables += 1;
    return { kind: 'end', summary };
  }

  #changed(what: string): CodebaseError {
    return new CodebaseError(
      'invalid_input',
      `${this.#file} was changed after it was written: ${what}; use another copy.`,
    );
  }
}

function truncated(file: string): CodebaseError {
  return new CodebaseError('invalid_input', `${file} ends before the end of the backup; use a complete copy.`);
}

function notABackup(file: string): CodebaseError {
  return new CodebaseError('invalid_input', `${file} is not a backup that codebase-mcp wrote.`);
}

/** What the stream's own error codes mean for a backup file. */
const READ_ERRORS: Readonly<Record<string, (file: string) => CodebaseError>> = {
  ENOENT: (file) =>
    new CodebaseError('not_found', `${file} does not exist; name a file that \`db backup\` or \`db upgrade\` wrote.`),
  EACCES: (file) => new CodebaseError('permission_denied', `${file} cannot be read: permission denied.`),
  EISDIR: notABackup,
  Z_BUF_ERROR: truncated,
  Z_DATA_ERROR: (file) =>
    new CodebaseError(
      'invalid_input',
      `${file} is damaged, or is not a backup that codebase-mcp wrote; use another copy.`,
    ),
};

function explain(error: unknown, file: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return READ_ERRORS[code]?.(file) ?? error;
}
