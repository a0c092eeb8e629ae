// A project's rows in a database, wherever they are: every table with a project_id, as the catalogue lists them.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { ProjectId } from '../project.js';
import { SQLSTATE } from './sqlstates.js';
import type { Tables } from './tables.js';

/** Bytes of the project's rows. Their indexes take about as much again. */
export async function bytesOf(db: Kysely<Tables>, project: ProjectId): Promise<number> {
  const counts = (await projectTables(db)).map(
    (table) =>
      sql`SELECT coalesce(sum(pg_column_size(t.*)), 0) AS bytes FROM ${sql.table(table)} t WHERE t.project_id = ${project}`,
  );
  const { rows } = await sql<{ bytes: number }>`
    SELECT sum(bytes)::float8 AS bytes FROM (${sql.join(counts, sql` UNION ALL `)}) AS tables`.execute(db);
  return rows[0]?.bytes ?? 0;
}

/** Whether any row is of the project. */
export async function hasRows(db: Kysely<Tables>, project: ProjectId): Promise<boolean> {
  const finds = (await projectTables(db)).map(
    (table) => sql`EXISTS (SELECT FROM ${sql.table(table)} WHERE project_id = ${project})`,
  );
  const { rows } = await sql<{ any: boolean }>`SELECT ${sql.join(finds, sql` OR `)} AS any`.execute(db);
  return rows[0]?.any ?? false;
}

/** Projects that have rows. */
export async function projectsWithRows(db: Kysely<Tables>): Promise<readonly string[]> {
  const ids = (await projectTables(db)).map((table) => sql`SELECT project_id FROM ${sql.table(table)}`);
  const { rows } = await sql<{ id: string }>`
    SELECT DISTINCT project_id AS id FROM (${sql.join(ids, sql` UNION ALL `)}) AS tables ORDER BY 1`.execute(db);
  return rows.map(({ id }) => id);
}

export async function deleteRows(db: Kysely<Tables>, project: ProjectId): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await tx.deleteFrom('repositories').where('project_id', '=', project).execute(); // what belongs to them goes with them
    for (const table of await projectTables(tx))
      await sql`DELETE FROM ${sql.table(table)} WHERE project_id = ${project}`.execute(tx);
  });
}

/**
 * Gives the rows of one project to another that has none. Writers wait: foreign keys hold the project id, and are checked at
 * the end. Whoever stands in the way is let through first.
 */
export async function renameRows(db: Kysely<Tables>, from: string, to: ProjectId): Promise<void> {
  for (let tries = RENAME_TRIES; ; tries--) {
    try {
      return await tryRename(db, from, to);
    } catch (error) {
      if (tries === 0 || (error as { code?: string }).code !== SQLSTATE.lockNotAvailable) throw error;
      await sleep(Math.random() * RENAME_PAUSE_MS);
    }
  }
}

const RENAME_TRIES = 50;
const RENAME_PAUSE_MS = 400;

async function tryRename(db: Kysely<Tables>, from: string, to: ProjectId): Promise<void> {
  await db.transaction().execute(async (tx) => {
    // Shorter than deadlock_timeout: writers that wait for these locks in another order never lose to a rename.
    await sql`SET LOCAL lock_timeout = '400ms'`.execute(tx);
    const keys = await foreignKeys(tx);
    const alter = async (how: string): Promise<void> => {
      for (const { table, name } of keys)
        await sql`ALTER TABLE ${sql.table(table)} ALTER CONSTRAINT ${sql.id(name)} ${sql.raw(how)}`.execute(tx);
    };
    await alter('DEFERRABLE');
    await sql`SET CONSTRAINTS ALL DEFERRED`.execute(tx);
    for (const table of await projectTables(tx))
      await sql`UPDATE ${sql.table(table)} SET project_id = ${to} WHERE project_id = ${from}`.execute(tx);
    await sql`SET CONSTRAINTS ALL IMMEDIATE`.execute(tx);
    await alter('NOT DEFERRABLE');
  });
}

/** Tables with a project_id. */
export async function projectTables(db: Kysely<Tables>): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`
    SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relkind IN ('r', 'p') AND c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'repositories'::regclass)
      AND NOT c.relispartition AND a.attname = 'project_id' AND a.attnum > 0 AND c.relname <> 'codebase_projects'
    ORDER BY 1`.execute(db);
  return rows.map(({ name }) => name);
}

async function foreignKeys(tx: Transaction<Tables>): Promise<readonly { table: string; name: string }[]> {
  const { rows } = await sql<{ table: string; name: string }>`
    SELECT t.relname AS table, k.conname AS name FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid
    WHERE k.contype = 'f' AND t.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'repositories'::regclass)
      AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attnum = ANY (k.conkey) AND a.attname = 'project_id')
    ORDER BY 1, 2`.execute(tx);
  return rows;
}
