// Jobs as rows: what other processes and later sessions can read of a run.
import { type Kysely, type Selectable, sql } from 'kysely';
import type { Tables } from '../database/tables.js';
import type { Job } from '../service.js';

/** A running job on a shared server that was not heard of for so long has died with its process. */
const SILENT_SECONDS = 120;

type Row = Selectable<Tables['index_jobs']>;

export async function insertJob(db: Kysely<Tables>, projectId: string, root: string): Promise<Job> {
  const row = await db
    .insertInto('index_jobs')
    .values({
      project_id: projectId,
      repository_path: root,
      state: 'running',
      phase: 'discovering',
      files_done: 0,
      files_total: 0,
      report: null,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return jobOf(row);
}

export async function updateJob(db: Kysely<Tables>, job: Job): Promise<void> {
  await db
    .updateTable('index_jobs')
    .set({
      state: job.state,
      phase: job.phase,
      files_done: job.files_done,
      files_total: job.files_total,
      current_file: job.current_file,
      error: job.error,
      report: job.report === null ? null : JSON.stringify(job.report),
      heartbeat_at: new Date(),
      finished_at: job.finished_at === null ? null : new Date(job.finished_at),
    })
    .where('project_id', '=', job.project)
    .where('id', '=', job.job_id)
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

/**
 * Mark jobs whose process is gone. On the embedded engine that is every running one, because only one process at a time
 * holds it; on a server those without a heartbeat.
 */
export async function markInterrupted(db: Kysely<Tables>, kind: 'embedded' | 'server'): Promise<void> {
  let update = db
    .updateTable('index_jobs')
    .set({
      state: 'interrupted',
      finished_at: new Date(),
      error: 'the process ended before the job did; index again to go on',
    })
    .where('state', '=', 'running');
  if (kind === 'server')
    update = update.where('heartbeat_at', '<', sql<Date>`now() - make_interval(secs => ${SILENT_SECONDS})`);
  await update.execute();
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
