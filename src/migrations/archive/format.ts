// The backup file's format: gzip over JSON lines, so that `zcat` shows an operator what is in it. One header line; for each
// table a line that describes it, one line per row and a line with the count and checksum; one line that closes the file.
import { z } from 'zod';

export const ARCHIVE_FORMAT = 'codebase-mcp backup';
export const ARCHIVE_VERSION = 1;

/** A row: one value per column in PostgreSQL's text form, base64 of the binary form for vectors, null for NULL. */
export type Row = readonly (string | null)[];

const Column = z.object({ name: z.string(), type: z.string() });
const Sequence = z.object({ column: z.string(), last_value: z.string(), is_called: z.boolean() });

/** Columns by name, without generated ones; types as `format_type` names them; the state of owned sequences. */
export const ArchivedTable = z.object({ name: z.string(), columns: z.array(Column), sequences: z.array(Sequence) });
export type ArchivedTable = z.infer<typeof ArchivedTable>;
export type ArchivedColumn = z.infer<typeof Column>;

export const ArchiveHeader = z.object({
  format: z.literal(ARCHIVE_FORMAT),
  version: z.int(),
  /** `tables`: what a revision was about to drop; `database`: all tables of the revision. */
  scope: z.enum(['tables', 'database']),
  /** The revision the database was at; null for a database without one. */
  revision: z.string().nullable(),
  /** Engine and version, for people. */
  engine: z.string(),
  created_at: z.iso.datetime(),
});
export type ArchiveHeader = z.infer<typeof ArchiveHeader>;

export const TableSummary = z.object({ table: z.string(), rows: z.int(), sha256: z.string() });
/** SHA-256 over the row lines, so two tables are equal when their summaries are. */
export type TableSummary = z.infer<typeof TableSummary>;

export const TableLine = z.object({ begin: ArchivedTable });
export const TableEndLine = z.object({ end: TableSummary });
/** SHA-256 over every byte before this line. */
export const ArchiveEndLine = z.object({ end_of_backup: z.object({ tables: z.int(), sha256: z.string() }) });

/** One row as a line, newline included. */
export function rowLine(row: Row): string {
  return `${JSON.stringify(row)}\n`;
}
