// Backups: the tables a revision is about to drop, or a whole database, in one file that `restore` puts back.
import { join } from 'node:path';
import { type Kysely, type QueryExecutorProvider, sql } from 'kysely';
import { ARCHIVE_FORMAT, ARCHIVE_VERSION, type ArchiveHeader, type TableSummary } from './archive/format.js';
import { type TableData, writeArchive } from './archive/writer.js';
import { ADVISORY_LOCK } from './lock.js';
import { canonicalOutput, describeTable, tableNames, tableRows } from './table-rows.js';
import { currentRevision } from './version.js';

export interface BackupSummary {
  readonly file: string;
  /** Size of the file, compressed. */
  readonly bytes: number;
  readonly revision: string | null;
  readonly rows: number;
  readonly tables: readonly TableSummary[];
}

/** Name for a backup made now: sorts by time and says which revision it holds. */
export function backupFile(directory: string, revision: string | null, now = new Date()): string {
  const time = now.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  return join(directory, `${time}-${revision ?? 'empty'}-${process.pid}.backup.gz`);
}

/** Those of `tables` that exist and have rows. */
export async function tablesWithRows(tx: QueryExecutorProvider, tables: readonly string[]): Promise<readonly string[]> {
  const existing = new Set(await tableNames(tx));
  const found: string[] = [];
  for (const table of tables.filter((name) => existing.has(name))) {
    const { rows } = await sql<{ some: boolean }>`select exists (select from ${sql.table(table)}) as some`.execute(tx);
    if (rows[0]?.some) found.push(table);
  }
  return found;
}

/**
 * Write `tables`, which are about to be dropped in the same transaction, to `file`. They are locked first, so that no row
 * can come after the backup. Throws `invalid_input`, `disk_full` or `permission_denied` with what to do.
 */
export async function writeTablesBackup<DB>(
  tx: Kysely<DB>,
  tables: readonly string[],
  file: string,
): Promise<BackupSummary> {
  await sql`lock table ${sql.join(tables.map((name) => sql.table(name)))} in access exclusive mode`.execute(tx);
  return write(tx, 'tables', [...tables].sort(), file);
}

/** Write every table of the database to `file`, as they are at one moment, whoever writes meanwhile. */
export function backupDatabase<DB>(db: Kysely<DB>, file: string): Promise<BackupSummary> {
  return db.connection().execute(async (connection) => {
    // Held by the session, not by the transaction: its snapshot must be taken after the wait for a running migration.
    await sql`select pg_advisory_lock_shared(${sql.lit(ADVISORY_LOCK)})`.execute(connection);
    try {
      return await connection
        .transaction()
        .setIsolationLevel('repeatable read')
        .execute(async (tx) => write(tx, 'database', await tableNames(tx), file));
    } finally {
      await sql`select pg_advisory_unlock_shared(${sql.lit(ADVISORY_LOCK)})`.execute(connection);
    }
  });
}

async function write<DB>(
  tx: Kysely<DB>,
  scope: ArchiveHeader['scope'],
  tables: readonly string[],
  file: string,
): Promise<BackupSummary> {
  await canonicalOutput(tx);
  const header: ArchiveHeader = {
    format: ARCHIVE_FORMAT,
    version: ARCHIVE_VERSION,
    scope,
    revision: await currentRevision(tx),
    engine: await engineName(tx),
    created_at: new Date().toISOString(),
  };
  const written = await writeArchive(file, header, tableData(tx, tables));
  const rows = written.tables.reduce((sum, table) => sum + table.rows, 0);
  return { ...written, revision: header.revision, rows };
}

async function* tableData(tx: QueryExecutorProvider, tables: readonly string[]): AsyncGenerator<TableData> {
  for (const name of tables) {
    const table = await describeTable(tx, name);
    yield { table, rows: tableRows(tx, table) };
  }
}

async function engineName(tx: QueryExecutorProvider): Promise<string> {
  const { rows } = await sql<{ name: string }>`
    select case when version() like '%emscripten%' then 'PGlite (PostgreSQL ' || current_setting('server_version') || ')'
      else 'PostgreSQL ' || current_setting('server_version') end as name`.execute(tx);
  return rows[0]?.name ?? 'PostgreSQL';
}
