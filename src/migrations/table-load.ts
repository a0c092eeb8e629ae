// Puts rows of text back into tables: batches through `unnest`, with foreign keys and secondary indexes set aside meanwhile.
import { type QueryExecutorProvider, sql } from 'kysely';
import type { ArchivedColumn, ArchivedTable, Row } from './archive/format.js';
import { isVector } from './table-rows.js';

/** An object that was dropped for the load, and the statement that brings it back as it was. */
interface SetAside {
  readonly restore: string;
}

/** A vector index that does not fit into the memory for building it takes many times as long; above this it has to. */
const MOST_BUILD_MEMORY_KB = 1024 * 1024;

/**
 * Drop the foreign keys and the indexes without a constraint of `tables`. Rows can then come in any order (a hierarchy
 * that refers to itself included), and an index is built once instead of row by row.
 */
export async function setAside(tx: QueryExecutorProvider, tables: readonly string[]): Promise<readonly SetAside[]> {
  const { rows } = await sql<{ drop: string; restore: string }>`
    with target as (select (quote_ident(name))::regclass as oid from unnest(${tables}::text[]) as t (name)),
    aside as (
      select 1 as turn, format('alter table %s drop constraint %I', conrelid::regclass, conname) as drop,
        format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(c.oid)) as restore
      from pg_constraint c join target on target.oid = conrelid
      where contype = 'f' and conparentid = 0
      union all
      select 2, format('drop index %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
      from pg_index join target on target.oid = indrelid
      where not exists (select from pg_constraint where conindid = indexrelid)
        and not exists (select from pg_inherits where inhrelid = indexrelid)
    )
    select drop, restore from aside order by turn, drop collate "C"`.execute(tx);
  for (const { drop } of rows) await sql.raw(drop).execute(tx);
  return rows.toReversed();
}

/** Indexes first, then the foreign keys, which check every row as they come back. */
export async function putBack(
  tx: QueryExecutorProvider,
  tables: readonly string[],
  aside: readonly SetAside[],
): Promise<void> {
  await sql`
    select set_config('maintenance_work_mem', greatest(setting::bigint, least(${sql.lit(MOST_BUILD_MEMORY_KB)}, size))::text || 'kB', true)
    from pg_settings, (select sum(pg_table_size(quote_ident(name)::regclass)) / 1024 as size from unnest(${tables}::text[]) as t (name)) as s
    where pg_settings.name = 'maintenance_work_mem'`.execute(tx);
  for (const { restore } of aside) await sql.raw(restore).execute(tx);
}

export interface LoadPlan {
  readonly table: string;
  readonly columns: readonly (ArchivedColumn & { readonly target: string })[];
  /** Type OIDs of `vector` and `halfvec` in this database. */
  readonly vectorOids: Readonly<Record<string, number>>;
}

export async function insertRows(tx: QueryExecutorProvider, plan: LoadPlan, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  const arrays = plan.columns.map(({ type }, i) => {
    const values = rows.map((row) => row[i] ?? null);
    if (!isVector(type)) return sql`${values}::text[]`;
    const base = baseType(type);
    return sql`${vectorArray(values, plan.vectorOids[base] ?? 0)}::${sql.raw(base)}[]`;
  });
  const names = plan.columns.map(({ name }) => sql.ref(name));
  // The types come from the catalog of this database, not from the file.
  const values = plan.columns.map(({ target }, i) => sql`cast(${sql.ref(`v.c${i}`)} as ${sql.raw(target)})`);
  await sql`insert into ${sql.table(plan.table)} (${sql.join(names)}) overriding system value
    select ${sql.join(values)} from unnest(${sql.join(arrays)}) as v (${sql.join(plan.columns.map((_, i) => sql.id(`c${i}`)))})
  `.execute(tx);
}

export async function setSequences(tx: QueryExecutorProvider, table: ArchivedTable): Promise<void> {
  for (const { column, last_value, is_called } of table.sequences) {
    await sql`select setval(pg_get_serial_sequence(quote_ident(${table.name}), ${column}), ${last_value}::bigint, ${is_called})`.execute(
      tx,
    );
  }
}

export function baseType(type: string): string {
  return type.replace(/\(.*$/, '');
}

export async function vectorOids(tx: QueryExecutorProvider): Promise<Readonly<Record<string, number>>> {
  const { rows } = await sql<{ name: string; oid: number }>`
    select name, to_regtype(name)::oid::int as oid from (values ('vector'), ('halfvec')) as t (name)
    where to_regtype(name) is not null`.execute(tx);
  return Object.fromEntries(rows.map(({ name, oid }) => [name, oid]));
}

/** A one-dimensional array in PostgreSQL's binary form; the elements are binary vectors in base64. */
function vectorArray(values: readonly (string | null)[], elementOid: number): Buffer {
  const elements = values.map((value) => (value === null ? null : Buffer.from(value, 'base64')));
  const hasNull = elements.includes(null) ? 1 : 0;
  const head = Buffer.from(Int32Array.of(1, hasNull, elementOid, elements.length, 1).buffer).swap32();
  return Buffer.concat([head, ...elements.flatMap((e) => (e === null ? [int32(-1)] : [int32(e.length), e]))]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeInt32BE(value);
  return bytes;
}
