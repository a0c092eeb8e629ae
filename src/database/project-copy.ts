// A project's rows carried from one database to another: one snapshot is read, one transaction writes it and commits when
// counts and checksums on both sides are equal. Nobody indexes the project at either end meanwhile.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Kysely, sql, type Transaction } from 'kysely';
import { CodebaseError } from '../errors.js';
import type { Row } from '../migrations/archive/format.js';
import { insertRows, type LoadPlan, vectorOids } from '../migrations/table-load.js';
import { canonicalOutput, describeTable, isVector, tableRows } from '../migrations/table-rows.js';
import type { ProjectId } from '../project.js';
import type { MoveProgress, OnMove } from '../service.js';
import type { Database } from './database.js';
import { newIds, renewal } from './project-ids.js';
import { deleteRows, hasRows, projectTables } from './project-rows.js';
import { projectSums, rowsOf, type TableSum } from './project-sums.js';
import { describeDatabaseError } from './sqlstates.js';
import type { Tables } from './tables.js';

export interface MoveOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onMove?: OnMove | undefined;
}

/** Where a project leaves from: its writers are shut out until it has left. */
export interface Departure {
  readonly project: ProjectId;
  readonly description: string;
  /** Copies the project; where its rows are already, as a move that was killed leaves them, only compares. */
  copyTo(to: Database, options: MoveOptions): Promise<readonly TableSum[]>;
  /** To be called when the copy counts. */
  deleteRows(): Promise<void>;
}

export async function leaving<T>(
  from: Database,
  project: ProjectId,
  work: (departure: Departure) => Promise<T>,
): Promise<T> {
  return await withLock(from, project, async (source) => {
    await cancelRunning(source, project);
    return await work({
      project,
      description: from.description,
      copyTo: (to, options) => arriving(source, from, to, project, options),
      deleteRows: () => deleteRows(source, project),
    });
  });
}

async function arriving(
  source: Kysely<Tables>,
  from: Database,
  to: Database,
  project: ProjectId,
  { signal, onMove }: MoveOptions,
): Promise<readonly TableSum[]> {
  const asType = [from, to].some(({ vectorType }) => vectorType === 'halfvec') ? 'halfvec' : 'vector';
  const step = (phase: MoveProgress['phase'], table: string | null, done: number, total: number): void => {
    if (signal?.aborted) throw cancelled(project);
    onMove?.({ phase, table, rows_done: done, rows_total: total });
  };
  try {
    return await withLock(to, project, (target) =>
      source
        .transaction()
        .setIsolationLevel('repeatable read')
        .execute(async (read) => {
          const sums = await projectSums(read, project, asType, (table) => step('counting', table, 0, 0));
          const total = rowsOf(sums);
          await target.transaction().execute(async (write) => {
            const there = await hasRows(write, project);
            if (!there) await copyRows(read, write, project, (table, done) => step('copying', table, done, total));
            const arrived = await projectSums(write, project, asType, (table, done) =>
              step('comparing', table, Math.min(done, total), total),
            );
            requireSame(project, to.description, there, sums, arrived);
            step('finishing', null, total, total); // the last moment for being cancelled
          });
          return sums;
        }),
    );
  } catch (error) {
    throw describeDatabaseError(error, `${from.place} or ${to.place}`) ?? error;
  }
}

/** The key that who begins to index holds shared. */
export function moveKey(project: string): string {
  return `codebase-mcp move ${project}`;
}

const LOCK_TRIES = 30;
const LOCK_PAUSE_MS = 100;

/** One connection of the database, with the lock that keeps others from beginning to index. */
async function withLock<T>(
  { allProjects, description }: Database,
  project: ProjectId,
  work: (connection: Kysely<Tables>) => Promise<T>,
): Promise<T> {
  return await allProjects.connection().execute(async (connection) => {
    const key = moveKey(project);
    for (let tries = LOCK_TRIES; ; tries--) {
      const { rows } = await sql<{ mine: boolean }>`
        SELECT pg_try_advisory_lock(hashtextextended(${key}, 0)) AS mine`.execute(connection);
      if (rows[0]?.mine) break;
      if (tries === 0) throw beingMoved(project, description);
      await sleep(LOCK_PAUSE_MS);
    }
    try {
      return await work(connection);
    } finally {
      // A connection that broke has let go of it already.
      await sql`SELECT pg_advisory_unlock(hashtextextended(${key}, 0))`.execute(connection).catch(() => {});
    }
  });
}

/** Also what is said of a move to where the project is: both ends are one database then. */
function beingMoved(project: ProjectId, place: string): CodebaseError {
  return new CodebaseError(
    'in_use',
    `Project ${project} is at ${place} already, or is being moved from or to it; name another database, or ask again when that is done.`,
  );
}

function cancelled(project: ProjectId): CodebaseError {
  return new CodebaseError('cancelled', `Moving project ${project} was cancelled; it is where it was.`);
}

/** Writes under way end first; later ones of these jobs find that they were cancelled. */
async function cancelRunning(db: Kysely<Tables>, project: ProjectId): Promise<void> {
  await db
    .updateTable('index_jobs')
    .set({ state: 'cancelled', finished_at: sql<Date>`now()`, error: 'cancelled because the project was moved' })
    .where('project_id', '=', project)
    .where('state', '=', 'running')
    .execute();
}

function requireSame(
  project: ProjectId,
  place: string,
  wasThere: boolean,
  sent: readonly TableSum[],
  arrived: readonly TableSum[],
): void {
  // Jobs say what was done to the rows, not what they are.
  const compared = wasThere ? sent.filter(({ table }) => table !== 'index_jobs') : sent;
  const different = compared.filter((sum) => {
    const other = arrived.find(({ table }) => table === sum.table);
    return other?.rows !== sum.rows || other.checksum !== sum.checksum;
  });
  if (different.length === 0) return;
  const names = different.map(({ table }) => table).join(', ');
  if (!wasThere) throw new Error(`the copy of project ${project} differs in ${names}`);
  throw new CodebaseError(
    'invalid_input',
    `There is a project ${project} at ${place} already, which differs in ${names}; remove one of the two, or rename this one: codebase-mcp projects rename ${project} NEW.`,
  );
}

/** Tables that others refer to. */
const FIRST = ['code_files', 'repositories'];

async function copyRows(
  read: Transaction<Tables>,
  write: Transaction<Tables>,
  project: ProjectId,
  onRows: (table: string, done: number) => void,
): Promise<void> {
  await canonicalOutput(read);
  const oids = await vectorOids(write);
  const ids = await newIds(read, write, project);
  const names = [...(await projectTables(read))].sort((a, b) => FIRST.indexOf(b) - FIRST.indexOf(a));
  let done = 0;
  for (const table of names) {
    const plan = await planOf(read, write, table, oids);
    const renew = plan.columns.map(({ name }) => renewal(ids, table, name));
    for await (const rows of tableRows(read, { name: table, columns: [...plan.columns] }, project)) {
      onRows(table, done);
      done += rows.length;
      const renewed: Row[] = rows.map((row) => row.map((value, i) => renew[i]?.(value) ?? value));
      await insertRows(write, plan, renewed);
    }
  }
}

async function planOf(
  read: Transaction<Tables>,
  write: Transaction<Tables>,
  table: string,
  oids: LoadPlan['vectorOids'],
): Promise<LoadPlan> {
  const [{ columns }, { columns: there }] = [await describeTable(read, table), await describeTable(write, table)];
  const targets = new Map(there.map(({ name, type }) => [name, type]));
  const planned = columns.map((column) => ({ ...column, target: targets.get(column.name) ?? '' }));
  const different = planned.find(({ type, target }) => type !== target && !(isVector(type) && isVector(target)));
  if (different === undefined && columns.length === there.length) return { table, columns: planned, vectorOids: oids };
  throw new CodebaseError(
    'schema_mismatch',
    `Table ${table} has other columns at one end of the move; run codebase-mcp db check there to see whether the database was altered.`,
  );
}
