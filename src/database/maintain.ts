// What a database needs after large writes; PGlite has nobody else to do it.
import { type Kysely, sql } from 'kysely';
import type { Precedence } from './precedence.js';
import type { Tables } from './tables.js';

const TABLES = [
  'code_files',
  'code_chunks',
  'chunk_embeddings',
  'file_embeddings',
  'skipped_files',
] as const satisfies readonly (keyof Tables)[];

/** A table is looked after when this part of it has come, gone or changed, and so many rows more: autovacuum's rule. */
const CHANGED = 0.1;
const CHANGED_ROWS = 50;

/**
 * Frees what was deleted, files new terms into their index, and renews the planner's statistics, where enough has changed
 * since the last time.
 */
export async function maintain(db: Kysely<Tables>, precedence: Precedence): Promise<void> {
  await sql`SELECT pg_stat_force_next_flush()`.execute(db);
  const { rows } = await sql<{ name: string; vacuum: boolean; analyze: boolean }>`
    SELECT name, greatest(dead, inserted) > enough AS vacuum, modified > enough AS analyze FROM (
      SELECT relname AS name, n_dead_tup AS dead, n_ins_since_vacuum AS inserted, n_mod_since_analyze AS modified,
        ${CHANGED_ROWS} + ${CHANGED} * (SELECT greatest(reltuples, 0) FROM pg_class WHERE oid = relid) AS enough
      FROM pg_stat_user_tables WHERE relid = ANY (${TABLES}::text[]::regclass[])
    ) AS changes`.execute(db);
  // One at a time: the embedded engine answers nothing else meanwhile.
  for (const { name, vacuum, analyze } of rows) {
    await precedence.giveWay();
    if (vacuum) await sql`VACUUM ${sql.table(name)}`.execute(db);
    if (analyze) await sql`ANALYZE ${sql.table(name)}`.execute(db);
  }
}
