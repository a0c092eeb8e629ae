// What "at 005 or at 002, complete, never between" means: schema, rules and rows are all those of the revision recorded.
import { type Kysely, sql } from 'kysely';
import { expect } from 'vitest';
import type { TableSummary } from '#src/migrations/archive/format.js';
import { checkDatabase } from '#src/migrations/check.js';
import { describeTable, summarise, tableNames, tableRows, tableSummaries } from '#src/migrations/table-rows.js';

export const BEFORE = '005_case_insensitive_vendor';
export const AFTER = '002_remove_non_search_tables';
const KEPT = ['repositories', 'code_chunks'];

export interface Rows {
  /** Every table at 005. */
  readonly all: readonly TableSummary[];
  /** What 002 keeps, without the column it adds. */
  readonly kept: readonly TableSummary[];
}

export function rowsOf<DB>(db: Kysely<DB>): Promise<Rows> {
  return db.transaction().execute(async (tx) => {
    const all = await tableSummaries(tx, await tableNames(tx));
    const kept: TableSummary[] = [];
    for (const name of KEPT) {
      const columns = (await describeTable(tx, name)).columns.filter((column) => column.name !== 'project_id');
      kept.push(await summarise(name, tableRows(tx, { name, columns })));
    }
    return { all, kept };
  });
}

/** The revision of a database that is complete at 005 or at 002, with the rows it had; fails for any other. */
export async function completeAt<DB>(db: Kysely<DB>, before: Rows): Promise<string> {
  const { revision, checks } = await checkDatabase(db);
  expect(checks.flatMap((check) => check.findings)).toEqual([]);
  const now = await rowsOf(db);
  expect(now.kept).toEqual(before.kept);
  if (revision === BEFORE) expect(now.all).toEqual(before.all);
  else expect(now.all.map(({ table }) => table).sort()).toEqual([...KEPT].sort());
  return revision ?? 'none';
}

/** Waits until nobody else is connected: the session of a killed client goes on until it notices. */
export async function alone<DB>(db: Kysely<DB>): Promise<void> {
  const others = sql<{ n: number }>`select count(*)::int as n from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend' and application_name <> 'test'`;
  for (let attempt = 0; attempt < 400; attempt++) {
    if ((await others.execute(db)).rows[0]?.n === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('another session stayed connected for ten seconds');
}
