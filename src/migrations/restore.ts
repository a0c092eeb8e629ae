// Puts a backup back: into the tables a downgrade has recreated, or as a whole database. One transaction, verified at its end.
import { type Kysely, type QueryExecutorProvider, sql, type Transaction } from 'kysely';
import { CodebaseError } from '../errors.js';
import type { ArchivedTable, ArchiveHeader, Row, TableSummary } from './archive/format.js';
import { type ArchiveContents, readArchive, verifyArchive } from './archive/reader.js';
import { tablesWithRows } from './backup.js';
import { position } from './chain.js';
import { ADVISORY_LOCK } from './lock.js';
import { CHAIN, HEAD } from './revisions.js';
import { migrate } from './runner.js';
import { baseType, insertRows, type LoadPlan, putBack, setAside, setSequences, vectorOids } from './table-load.js';
import { describeTable, tableNames, tableSummaries } from './table-rows.js';
import { currentRevision } from './version.js';

export interface RestoreSummary {
  readonly header: ArchiveHeader;
  readonly rows: number;
  readonly tables: readonly TableSummary[];
}

/** Rows per statement, at most. */
const BATCH_ROWS = 1000;

/**
 * Restore `file`. A backup of dropped tables needs the revision that has them; a backup of a database needs one without
 * rows, which is brought to the backup's revision. Throws `invalid_input` for a file that is not intact or does not fit,
 * `schema_mismatch` for a database with rows or at another revision, `database_newer` for a backup from a newer program.
 */
export async function restore<DB>(db: Kysely<DB>, file: string): Promise<RestoreSummary> {
  const contents = await verifyArchive(file);
  refuseNewer(contents.header, file);
  return db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(${sql.lit(ADVISORY_LOCK)})`.execute(tx);
    await prepareTarget(tx, contents, file);
    const plans = await planLoads(tx, contents, file);
    const names = [...plans.keys()];
    const aside = await setAside(tx, names);
    await load(tx, file, plans);
    await putBack(tx, names, aside);
    for (const { table } of contents.tables) await sql`analyze ${sql.table(table)}`.execute(tx);
    await verifyRestored(tx, contents);
    const rows = contents.tables.reduce((sum, table) => sum + table.rows, 0);
    return { header: contents.header, rows, tables: contents.tables };
  });
}

function refuseNewer({ revision }: ArchiveHeader, file: string): void {
  if (revision === null || position(CHAIN, revision) >= 0) return;
  throw new CodebaseError(
    'database_newer',
    `${file} is a backup of revision ${revision}, which this program (up to ${HEAD}) does not know; restore it with the newer version of codebase-mcp that wrote it.`,
  );
}

async function prepareTarget<DB>(
  tx: Transaction<DB>,
  { header, tables }: ArchiveContents,
  file: string,
): Promise<void> {
  const current = await currentRevision(tx);
  if (header.scope === 'tables' && current !== header.revision) {
    throw new CodebaseError(
      'schema_mismatch',
      `${file} holds tables of revision ${header.revision} and the database is at ${current ?? 'no revision'}; run codebase-mcp db ${direction(current, header.revision)} ${header.revision} first.`,
    );
  }
  const filled = await tablesWithRows(
    tx,
    header.scope === 'tables' ? tables.map(({ table }) => table) : await tableNames(tx),
  );
  if (filled.length > 0) {
    throw new CodebaseError(
      'schema_mismatch',
      `The database has rows in ${filled.join(', ')}; ${file} can only be restored where these tables are empty.`,
    );
  }
  if (current !== header.revision) await migrate(tx, header.revision ?? 'base');
}

function direction(from: string | null, to: string | null): 'upgrade' | 'downgrade' {
  return position(CHAIN, from) < position(CHAIN, to) ? 'upgrade' : 'downgrade';
}

/** Read the file again and insert as it comes; the checksums are compared once more on the way. */
async function load(tx: QueryExecutorProvider, file: string, plans: ReadonlyMap<string, LoadPlan>): Promise<void> {
  let table: ArchivedTable | undefined;
  let batch: Row[] = [];
  const flush = async (): Promise<void> => {
    const plan = plans.get(table?.name ?? '');
    if (plan !== undefined) await insertRows(tx, plan, batch);
    batch = [];
  };
  for await (const part of readArchive(file)) {
    if (part.kind === 'table') table = part.table;
    if (part.kind === 'rows') {
      for (const row of part.rows) batch.push(row);
      if (batch.length >= BATCH_ROWS) await flush();
    }
    if (part.kind === 'end' && table !== undefined) {
      await flush();
      await setSequences(tx, table);
    }
  }
}

/** Tables and columns must be the same on both sides, by name; the types are this database's. */
async function planLoads(
  tx: QueryExecutorProvider,
  { tables }: ArchiveContents,
  file: string,
): Promise<ReadonlyMap<string, LoadPlan>> {
  const oids = await vectorOids(tx);
  const existing = await tableNames(tx);
  const plans = new Map<string, LoadPlan>();
  for (const { table, columns } of tables) {
    const here = existing.includes(table) ? (await describeTable(tx, table)).columns : [];
    const types = new Map(here.map(({ name, type }) => [name, type]));
    const planned = columns.map((column) => ({ ...column, target: types.get(column.name) ?? '' }));
    const same = planned.every(({ type, target }) => baseType(type) === baseType(target));
    if (!same || here.length !== columns.length) {
      throw new CodebaseError(
        'schema_mismatch',
        `Table ${table} in ${file} has other columns than the database; run codebase-mcp db check to see whether the database was altered.`,
      );
    }
    plans.set(table, { table, columns: planned, vectorOids: oids });
  }
  return plans;
}

/** What the database holds now must be, row for row, what the file says. */
async function verifyRestored(tx: QueryExecutorProvider, { tables }: ArchiveContents): Promise<void> {
  const found = await tableSummaries(
    tx,
    tables.map(({ table }) => table),
  );
  const different = tables.filter((table, i) => table.sha256 !== found[i]?.sha256).map(({ table }) => table);
  if (different.length === 0) return;
  throw new CodebaseError(
    'schema_mismatch',
    `The restored rows of ${different.join(', ')} differ from the backup, so nothing was restored; a trigger or a default of this database changed them.`,
  );
}
