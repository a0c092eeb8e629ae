// A job that another process runs, followed by its row. When that process dies, the job is taken over.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProjectDatabase } from '../database/database.js';
import { CodebaseError } from '../errors.js';
import type { IndexReport, Job, OnProgress } from '../service.js';
import { cancelJob, findJob, markSilent } from './job-rows.js';
import type { LiveJob, WaitOptions } from './jobs.js';
import { goesOn, Waiters } from './waiters.js';

const POLL_MS = 500;

export class FollowedJob implements LiveJob {
  readonly done: Promise<IndexReport>;
  private job: Job;
  private readonly database: ProjectDatabase;
  private readonly listeners = new Set<OnProgress>();
  private readonly waiters: Waiters;
  private readonly stopped = new AbortController();

  /** `takeOver` indexes the repository here, or follows whoever was quicker. */
  constructor(job: Job, database: ProjectDatabase, takeOver: () => Promise<LiveJob>) {
    this.job = job;
    this.database = database;
    this.waiters = new Waiters(job.repository, () => this.stop());
    this.done = this.follow(takeOver);
    this.done.catch(() => {}); // for whoever waits
  }

  get id(): string {
    return this.job.job_id;
  }

  snapshot(): Job {
    return this.job;
  }

  get isOver(): boolean {
    return this.stopped.signal.aborted || this.job.state !== 'running';
  }

  keep(): void {
    this.waiters.keep();
  }

  async wait({ signal, onProgress }: WaitOptions): Promise<IndexReport> {
    if (onProgress) this.listeners.add(onProgress);
    onProgress?.(this.job);
    try {
      return await this.waiters.wait(this.done, signal);
    } finally {
      if (onProgress) this.listeners.delete(onProgress);
    }
  }

  async cancel(): Promise<void> {
    await cancelJob(this.database.db, this.id);
  }

  /** The job goes on where it is; here nobody follows it any more. */
  stop(): void {
    this.stopped.abort(goesOn(this.job.repository));
  }

  private async follow(takeOver: () => Promise<LiveJob>): Promise<IndexReport> {
    const { signal } = this.stopped;
    while (this.job.state === 'running') {
      await sleep(POLL_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
      await markSilent(this.database.db, this.job.project, this.job.repository);
      this.job = (await findJob(this.database.db, this.id)) ?? { ...this.job, state: 'interrupted' };
      for (const listener of this.listeners) listener(this.job);
    }
    if (this.job.state === 'completed' && this.job.report !== null) return this.job.report;
    if (this.job.state === 'cancelled') {
      throw new CodebaseError('cancelled', `Indexing ${this.job.repository} was cancelled by another process.`);
    }
    const next = await takeOver();
    return await next.wait({ signal, onProgress: (job) => this.listeners.forEach((listener) => void listener(job)) });
  }
}
