// Reads tables as rows of text, in primary key order, through a cursor: what backups write and checksums compare.
import { createHash } from 'node:crypto';
import { type QueryExecutorProvider, sql } from 'kysely';
import { type ArchivedColumn, type ArchivedTable, type Row, rowLine, type TableSummary } from './archive/format.js';

/** Rows per fetch: at 768 dimensions about 3 MB. */
const FETCH_ROWS = 500;

/** The text form of a value depends on these; set for the transaction, so that equal rows are equal text everywhere. */
export async function canonicalOutput(tx: QueryExecutorProvider): Promise<void> {
  // row_security off: a policy that would hide rows becomes an error instead of a backup with gaps.
  await sql`set local timezone = 'UTC'`.execute(tx);
  await sql`set local datestyle = 'ISO, YMD'`.execute(tx);
  await sql`set local intervalstyle = 'postgres'`.execute(tx);
  await sql`set local extra_float_digits = 1`.execute(tx);
  await sql`set local bytea_output = 'hex'`.execute(tx);
  await sql`set local row_security = off`.execute(tx);
}

/** The base tables of the current schema, by name; the revision record is not one of them. */
export async function tableNames(tx: QueryExecutorProvider): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`
    select relname::text as name from pg_class
    where relnamespace = quote_ident(current_schema())::regnamespace and relkind in ('r', 'p') and not relispartition
      and relname <> 'alembic_version'
    order by relname collate "C"`.execute(tx);
  return rows.map((row) => row.name);
}

/** Columns by name: a downgrade brings a column back at the end, and the rows are the same all the same. */
export async function describeTable(tx: QueryExecutorProvider, name: string): Promise<ArchivedTable> {
  const columns = await sql<ArchivedColumn & { sequence: string | null }>`
    select attname::text as name, format_type(atttypid, atttypmod) as type,
      pg_get_serial_sequence(${quoted(name)}, attname::text) as sequence
    from pg_attribute
    where attrelid = ${quoted(name)}::regclass and attnum > 0 and not attisdropped and attgenerated = ''
    order by attname collate "C"`.execute(tx);
  const sequences: ArchivedTable['sequences'] = [];
  for (const column of columns.rows) {
    if (column.sequence === null) continue;
    const state = await sql<{ last_value: string; is_called: boolean }>`
      select last_value::text as last_value, is_called from ${sql.raw(column.sequence)}`.execute(tx);
    for (const row of state.rows) sequences.push({ column: column.name, ...row });
  }
  return { name, columns: columns.rows.map(({ name, type }) => ({ name, type })), sequences };
}

/** How a column's value travels: vectors in their binary form, which is a third of the text and needs no parsing. */
export function isVector(type: string): boolean {
  return /^(vector|halfvec)(\(\d+\))?$/.test(type);
}

/**
 * The rows in primary key order, in batches: all, or those of one project. Needs a transaction with `canonicalOutput`. One
 * reader at a time.
 */
export async function* tableRows(
  tx: QueryExecutorProvider,
  table: Pick<ArchivedTable, 'name' | 'columns'>,
  project?: string,
): AsyncGenerator<readonly Row[]> {
  // The inner query sorts before values are converted: out-of-line vectors stay out of the sort.
  const values = table.columns.map(
    ({ name, type }, i) =>
      sql`${isVector(type) ? sendVector(name, type) : sql`${sql.ref(name)}::text`} as ${sql.id(`c${i}`)}`,
  );
  // DECLARE takes no parameters.
  const ofProject = project === undefined ? sql`` : sql`where project_id = ${sql.lit(project)}`;
  await sql`declare codebase_mcp_rows no scroll cursor for
    select ${sql.join(values)} from (select * from ${sql.table(table.name)} ${ofProject} order by ${await rowOrder(tx, table.name)} offset 0) as t
  `.execute(tx);
  const fetch = sql<Record<string, string | Buffer | null>>`fetch ${sql.lit(FETCH_ROWS)} from codebase_mcp_rows`;
  for (;;) {
    const { rows } = await fetch.execute(tx);
    if (rows.length === 0) break;
    yield rows.map((row) => table.columns.map((_, i) => textForm(row[`c${i}`] ?? null)));
  }
  await sql`close codebase_mcp_rows`.execute(tx);
}

/** Count and SHA-256 of each table, as in a backup of it. Sets the transaction's output format. */
export async function tableSummaries(
  tx: QueryExecutorProvider,
  tables: readonly string[],
): Promise<readonly TableSummary[]> {
  await canonicalOutput(tx);
  const summaries: TableSummary[] = [];
  for (const name of tables) summaries.push(await summarise(name, tableRows(tx, await describeTable(tx, name))));
  return summaries;
}

export async function summarise(table: string, batches: AsyncIterable<readonly Row[]>): Promise<TableSummary> {
  const hash = createHash('sha256');
  let rows = 0;
  for await (const batch of batches) {
    hash.update(batch.map(rowLine).join(''));
    rows += batch.length;
  }
  return { table, rows, sha256: hash.digest('hex') };
}

function sendVector(column: string, type: string) {
  return type.startsWith('halfvec')
    ? sql`halfvec_send(${sql.ref(column)}::halfvec)`
    : sql`vector_send(${sql.ref(column)}::vector)`;
}

function textForm(value: string | Buffer | null): string | null {
  return Buffer.isBuffer(value) ? value.toString('base64') : value;
}

/** By the bytes of the key, not by a locale's rules, which differ between servers. */
async function rowOrder(tx: QueryExecutorProvider, table: string) {
  const { rows } = await sql<{ name: string; collated: boolean }>`
    select a.attname::text as name, a.attcollation <> 0 as collated
    from pg_index i
    cross join lateral unnest(i.indkey::int2[]) with ordinality as k (attnum, place)
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
    where i.indrelid = ${quoted(table)}::regclass and i.indisprimary
    order by k.place`.execute(tx);
  if (rows.length === 0) return sql`${sql.table(table)}::text collate "C"`;
  return sql.join(rows.map(({ name, collated }) => (collated ? sql`${sql.ref(name)} collate "C"` : sql.ref(name))));
}

/** A name as `regclass` reads it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
