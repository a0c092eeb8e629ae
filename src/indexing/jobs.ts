// Jobs of this process: at most one per repository, each with a row that says how far it is.
import type { Config } from '../config.js';
import type { Database } from '../database/database.js';
import type { Embedder } from '../embedding/embedder.js';
import { CodebaseError } from '../errors.js';
import type { Logger } from '../log.js';
import type { IndexReport, Job, OnProgress } from '../service.js';
import { insertJob, updateJob } from './job-rows.js';
import { indexRepository, type Progress } from './run.js';

/** How often a running job's row is written, and listeners are told, in milliseconds. */
const ROW_INTERVAL_MS = 1000;
const LISTENER_INTERVAL_MS = 100;

export interface JobServices {
  readonly database: Database;
  readonly embedder: Embedder;
  readonly embedderConfig: Config['embedder'];
  readonly log: Logger;
  /** Turns what the database or the system threw into a sentence. */
  readonly explain: (error: unknown) => unknown;
}

export interface LiveJob {
  readonly id: string;
  readonly snapshot: () => Job;
  readonly done: Promise<IndexReport>;
  readonly cancel: () => void;
  readonly listen: (listener: OnProgress) => () => void;
}

export class Jobs {
  private readonly running = new Map<string, Promise<LiveJob>>();
  private readonly live = new Map<string, LiveJob>();
  private readonly services: JobServices;

  constructor(services: JobServices) {
    this.services = services;
  }

  /** Start indexing a repository, or join the job that is already at it. */
  start(projectId: string, root: string): Promise<LiveJob> {
    const key = `${projectId}\0${root}`;
    const running = this.running.get(key);
    if (running !== undefined) return running;
    const started = this.launch(projectId, root, () => this.running.delete(key));
    this.running.set(key, started);
    started.catch(() => this.running.delete(key));
    return started;
  }

  find(id: string): LiveJob | undefined {
    return this.live.get(id);
  }

  /** Jobs that run now. */
  snapshots(): readonly Job[] {
    return [...this.live.values()].map((job) => job.snapshot());
  }

  /** Cancel all jobs and wait until they have let go. */
  async close(): Promise<void> {
    const jobs = [...this.live.values()];
    for (const job of jobs) job.cancel();
    await Promise.allSettled(jobs.map((job) => job.done));
  }

  private async launch(projectId: string, root: string, onEnd: () => void): Promise<LiveJob> {
    const { database, log } = this.services;
    const state = new JobState(await insertJob(database.db, projectId, root), database);
    const abort = new AbortController();
    log.info({ project: projectId, repository: root, job: state.job.job_id }, 'indexing started');
    const done = this.work(state, abort.signal).finally(() => {
      this.live.delete(state.job.job_id);
      onEnd();
    });
    done.catch(() => {}); // whoever waits for the job gets the error; a background job keeps it in its row
    const job: LiveJob = {
      id: state.job.job_id,
      snapshot: () => state.job,
      done,
      cancel: () =>
        abort.abort(
          new CodebaseError(
            'cancelled',
            `Indexing ${root} was cancelled; what was stored stays, and indexing again goes on from there.`,
          ),
        ),
      listen: (listener) => state.listen(listener),
    };
    this.live.set(job.id, job);
    return job;
  }

  private async work(state: JobState, signal: AbortSignal): Promise<IndexReport> {
    const { log, explain, ...services } = this.services;
    const { project, repository, job_id } = state.job;
    try {
      const report = await indexRepository({
        ...services,
        projectId: project,
        root: repository,
        signal,
        onProgress: (progress) => state.progress(progress),
      });
      await state.end({ state: 'completed', report });
      log.info({ project, repository, job: job_id, files: report.files, ms: report.duration_ms }, 'indexing completed');
      return report;
    } catch (thrown) {
      const error = explain(thrown);
      const message = error instanceof Error ? error.message : String(error);
      log.warn({ project, repository, job: job_id, err: error }, 'indexing ended early');
      // The row is a courtesy here: the database may be what failed.
      await state.end({ state: signal.aborted ? 'cancelled' : 'failed', error: message }).catch(() => {});
      throw error;
    }
  }
}

/** A job's snapshot, its row and its listeners. */
class JobState {
  job: Job;
  private readonly database: Database;
  private readonly listeners = new Set<OnProgress>();
  private toldAt = 0;
  private wroteAt = performance.now();
  /** Writes of the row, one after another: the last word must be the last written. */
  private writing: Promise<void> = Promise.resolve();

  constructor(job: Job, database: Database) {
    this.job = job;
    this.database = database;
  }

  listen(listener: OnProgress): () => void {
    this.listeners.add(listener);
    listener(this.job);
    return () => this.listeners.delete(listener);
  }

  progress(progress: Progress): void {
    const now = performance.now();
    const samePhase = progress.phase === this.job.phase;
    this.job = { ...this.job, ...progress };
    if (samePhase && now - this.toldAt < LISTENER_INTERVAL_MS) return;
    this.toldAt = now;
    for (const listener of this.listeners) listener(this.job);
    if (now - this.wroteAt < ROW_INTERVAL_MS) return;
    this.wroteAt = now;
    // Not awaited: the next batch does not depend on it, and a database that fails is found by the batch itself.
    this.writing = this.write().catch(() => {});
  }

  async end(change: Pick<Job, 'state'> & Partial<Pick<Job, 'report' | 'error'>>): Promise<void> {
    this.job = { ...this.job, ...change, current_file: null, finished_at: new Date().toISOString() };
    for (const listener of this.listeners) listener(this.job);
    await this.write();
  }

  private async write(): Promise<void> {
    await this.writing;
    await updateJob(this.database.db, this.job);
  }
}
