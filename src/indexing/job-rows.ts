// Jobs as rows: what other processes and later sessions can read of a run.
import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import type { ProjectDatabase } from '../database/database.js';
import { moveKey } from '../database/project-copy.js';
import type { Tables } from '../database/tables.js';
import { CodebaseError } from '../errors.js';
import { JOB_KEPT_MS, type Job } from '../service.js';

/** A running job on a shared server that was not heard of for so long has died with its process. */
const SILENT_SECONDS = 30;

type Row = Selectable<Tables['index_jobs']>;

/**
 * The right to index a repository: a job for this process, or the one that another process is at. Of several claims at once
 * one gets a job, because they wait for each other. On the embedded engine a job that was interrupted goes on under its id;
 * on a server it gets another one, which is what tells its writes from those of a process that was only taken for dead.
 */
export async function claimJob(
  { db, kind }: Pick<ProjectDatabase, 'db' | 'kind'>,
  projectId: string,
  root: string,
): Promise<{ readonly job: Job; readonly mine: boolean }> {
  return await db.transaction().execute(async (tx) => {
    await refuseWhileMoved(tx, projectId);
    await holdClaims(tx, projectId, root);
    // A process joins its own jobs: on the embedded engine one that still runs by its row has ended without a last word.
    await (kind === 'embedded' ? markRunning(tx, projectId, root) : markSilent(tx, projectId, root));
    const running = await tx
      .selectFrom('index_jobs')
      .selectAll()
      .where('project_id', '=', projectId)
      .where('repository_path', '=', root)
      .where('state', '=', 'running')
      .executeTakeFirst();
    if (running !== undefined) return { job: jobOf(running), mine: false };
    const interrupted = kind === 'embedded' ? await goOn(tx, projectId, root) : undefined;
    if (interrupted !== undefined) return { job: interrupted, mine: true };
    await forgetOldJobs(tx, projectId, root);
    const values = { project_id: projectId, repository_path: root, state: 'running', phase: 'discovering' };
    const started = { ...values, files_done: 0, files_total: 0, report: null };
    const row = await tx.insertInto('index_jobs').values(started).returningAll().executeTakeFirstOrThrow();
    return { job: jobOf(row), mine: true };
  });
}

/** Until the transaction ends, no other job of the repository begins. */
async function holdClaims(tx: Transaction<Tables>, projectId: string, root: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`index ${projectId} ${root}`}, 0))`.execute(tx);
}

async function refuseWhileMoved(tx: Transaction<Tables>, projectId: string): Promise<void> {
  const { rows } = await sql<{ free: boolean }>`
    select pg_try_advisory_xact_lock_shared(hashtextextended(${moveKey(projectId)}, 0)) as free`.execute(tx);
  if (rows[0]?.free) return;
  throw new CodebaseError(
    'in_use',
    `Project ${projectId} is being moved to another database, and nothing is indexed in it meanwhile; ask again when that is done.`,
  );
}

/** The last job of the repository, running again, when it is to be resumed. */
async function goOn(tx: Transaction<Tables>, projectId: string, root: string): Promise<Job | undefined> {
  const last = (await jobsToResume(tx)).find((job) => job.project === projectId && job.repository === root);
  if (last === undefined) return undefined;
  const row = await tx
    .updateTable('index_jobs')
    .set({ state: 'running', phase: 'discovering', finished_at: null, heartbeat_at: sql<Date>`now()` })
    .where('project_id', '=', projectId)
    .where('id', '=', last.job_id)
    .returningAll()
    .executeTakeFirstOrThrow();
  return jobOf(row);
}

/** Ended jobs kept per repository besides those that ended a short while ago, for whoever still asks after one by its id. */
const KEPT_JOBS = 20;

async function forgetOldJobs(tx: Transaction<Tables>, projectId: string, root: string): Promise<void> {
  await sql`
    delete from index_jobs where (project_id, id) in (
      select project_id, id from index_jobs where project_id = ${projectId} and repository_path = ${root}
      order by started_at desc offset ${KEPT_JOBS}
    ) and finished_at < now() - make_interval(secs => ${JOB_KEPT_MS / 1000})`.execute(tx);
}

/**
 * Runs `work` in a transaction that commits only if the job is still running: a process that was taken for dead, or whose
 * job another one cancelled, writes nothing more.
 */
export async function whileRunning<T>(
  db: Kysely<Tables>,
  job: { readonly projectId: string; readonly jobId: string },
  work: (tx: Transaction<Tables>) => Promise<T>,
): Promise<T> {
  return await db.transaction().execute(async (tx) => {
    const row = await tx
      .selectFrom('index_jobs')
      .select('id')
      .where('project_id', '=', job.projectId)
      .where('id', '=', job.jobId)
      .where('state', '=', 'running')
      .forShare()
      .executeTakeFirst();
    if (row === undefined) throw endedElsewhere();
    return await work(tx);
  });
}

/** Runs `work` in a transaction while no other job of the repository runs, or not at all. */
export async function unlessTakenOver(
  db: Kysely<Tables>,
  job: { readonly projectId: string; readonly jobId: string; readonly root: string },
  work: (tx: Transaction<Tables>) => Promise<void>,
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await holdClaims(tx, job.projectId, job.root);
    const other = await tx
      .selectFrom('index_jobs')
      .select('id')
      .where('project_id', '=', job.projectId)
      .where('repository_path', '=', job.root)
      .where('state', '=', 'running')
      .where('id', '!=', job.jobId)
      .executeTakeFirst();
    if (other === undefined) await work(tx);
  });
}

export function endedElsewhere(): CodebaseError {
  return new CodebaseError(
    'cancelled',
    'The indexing job was ended by another process; what was stored stays, and indexing again goes on from there.',
  );
}

/** Writes how far a running job is, or its end; false when it is running no longer. */
export async function updateJob(db: Kysely<Tables>, job: Job): Promise<boolean> {
  const result = await db
    .updateTable('index_jobs')
    .set({
      state: job.state,
      phase: job.phase,
      files_done: job.files_done,
      files_total: job.files_total,
      current_file: job.current_file,
      error: job.error,
      report: job.report === null ? null : JSON.stringify(job.report),
      heartbeat_at: sql<Date>`now()`,
      finished_at: job.finished_at === null ? null : new Date(job.finished_at),
    })
    .where('project_id', '=', job.project)
    .where('id', '=', job.job_id)
    .where('state', '=', 'running')
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Ends a job of whatever process; that process finds out at its next write. */
export async function cancelJob(db: Kysely<Tables>, id: string): Promise<void> {
  await db
    .updateTable('index_jobs')
    .set({ state: 'cancelled', finished_at: sql<Date>`now()`, error: 'cancelled by another process' })
    .where(sql<string>`id::text`, '=', id)
    .where('state', '=', 'running')
    .execute();
}

export async function findJob(db: Kysely<Tables>, id: string): Promise<Job | undefined> {
  const row = await db.selectFrom('index_jobs').selectAll().where(sql<string>`id::text`, '=', id).executeTakeFirst();
  return row && jobOf(row);
}

/** The last job of each repository, newest first. */
export async function lastJobs(
  db: Kysely<Tables>,
  filter: { projectId?: string | undefined; root?: string | undefined },
): Promise<readonly Job[]> {
  let query = db
    .selectFrom('index_jobs')
    .selectAll()
    .distinctOn(['project_id', 'repository_path'])
    .orderBy('project_id')
    .orderBy('repository_path')
    .orderBy('started_at', 'desc');
  if (filter.projectId !== undefined) query = query.where('project_id', '=', filter.projectId);
  if (filter.root !== undefined) query = query.where('repository_path', '=', filter.root);
  const rows = await query.execute();
  return rows.map(jobOf).sort((a, b) => b.started_at.localeCompare(a.started_at));
}

/** What the row of a job says whose process ended before it did; it keeps the words when it goes on. */
export const INTERRUPTED = 'the process ended before the job did; what was stored is not done again';
const INTERRUPTED_AGAIN = 'the process ended before the job did, twice; index again to go on';

/**
 * Mark jobs whose process is gone. On the embedded engine that is every running one, because only one process at a time
 * holds it; on a server those without a heartbeat.
 */
export async function markInterrupted(db: Kysely<Tables>, kind: 'embedded' | 'server'): Promise<void> {
  await (kind === 'server' ? markSilent(db) : markRunning(db));
}

async function markRunning(db: Kysely<Tables>, projectId?: string, root?: string): Promise<void> {
  let running = db.updateTable('index_jobs').set(asInterrupted()).where('state', '=', 'running');
  if (projectId !== undefined) running = running.where('project_id', '=', projectId);
  if (root !== undefined) running = running.where('repository_path', '=', root);
  await running.execute();
}

/** Marks the running jobs without a heartbeat, of all repositories or of one. A row that is locked is being worked on. */
export async function markSilent(db: Kysely<Tables>, projectId?: string, root?: string): Promise<void> {
  let silent = db
    .selectFrom('index_jobs')
    .select('id')
    .where('state', '=', 'running')
    .where('heartbeat_at', '<', sql<Date>`now() - make_interval(secs => ${SILENT_SECONDS})`)
    .forUpdate()
    .skipLocked();
  if (projectId !== undefined) silent = silent.where('project_id', '=', projectId);
  if (root !== undefined) silent = silent.where('repository_path', '=', root);
  await db.updateTable('index_jobs').set(asInterrupted()).where('id', 'in', silent).execute();
}

function asInterrupted() {
  const error = sql<string>`case when error is null then ${INTERRUPTED} else ${INTERRUPTED_AGAIN} end`;
  return { state: 'interrupted', finished_at: sql<Date>`now()`, error };
}

/**
 * Jobs that nobody cancelled and that did not come to their end, one for each repository. One whose process died twice is
 * left out: it may be what ended the process.
 */
export async function jobsToResume(db: Kysely<Tables>): Promise<readonly Job[]> {
  const jobs = await lastJobs(db, {});
  return jobs.filter(({ state, error }) => state === 'interrupted' && error !== INTERRUPTED_AGAIN);
}

function jobOf(row: Row): Job {
  return {
    job_id: row.id,
    project: row.project_id,
    repository: row.repository_path,
    state: row.state as Job['state'],
    phase: row.phase as Job['phase'],
    files_done: row.files_done,
    files_total: row.files_total,
    current_file: row.current_file,
    started_at: row.started_at.toISOString(),
    finished_at: row.finished_at?.toISOString() ?? null,
    error: row.error,
    report: row.report as Job['report'],
  };
}
