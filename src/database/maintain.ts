// What a database needs after large writes; PGlite has nobody else to do it.
import { type Kysely, sql } from 'kysely';
import type { Tables } from './tables.js';

const TABLES = [
  'code_files',
  'code_chunks',
  'chunk_embeddings',
  'file_embeddings',
  'skipped_files',
] as const satisfies readonly (keyof Tables)[];

/** Statistics are renewed when this part of a table has come or gone: to sample a large table costs a second. */
const CHANGED = 0.1;

/**
 * Frees what was deleted, files new terms into their index, and renews the planner's statistics where they no longer hold.
 * Costs little when little has changed.
 */
export async function maintain(db: Kysely<Tables>): Promise<void> {
  const before = await rowEstimates(db);
  await sql`VACUUM ${sql.join(TABLES.map((table) => sql.table(table)))}`.execute(db);
  const after = await rowEstimates(db);
  const changed = TABLES.filter((table) => differs(before.get(table) ?? 0, after.get(table) ?? 0));
  if (changed.length > 0) await sql`ANALYZE ${sql.join(changed.map((table) => sql.table(table)))}`.execute(db);
}

/** Rows as of the last VACUUM or ANALYZE; -1 where there was none. */
async function rowEstimates(db: Kysely<Tables>): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{ name: string; rows: number }>`
    SELECT relname AS name, reltuples AS rows FROM pg_class WHERE oid = ANY (${TABLES}::text[]::regclass[])`.execute(
    db,
  );
  return new Map(rows.map(({ name, rows }) => [name, rows]));
}

function differs(before: number, after: number): boolean {
  return Math.abs(after - before) > CHANGED * before;
}
