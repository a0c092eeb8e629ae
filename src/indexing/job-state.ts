// A running job of this process: its snapshot, its row with a heartbeat, and who is told.
import type { ProjectDatabase } from '../database/database.js';
import type { Job, OnProgress } from '../service.js';
import { updateJob } from './job-rows.js';
import type { Progress } from './run.js';

/** How often a running job's row is written, and listeners are told, in milliseconds. */
const ROW_INTERVAL_MS = 1000;
const LISTENER_INTERVAL_MS = 100;
/** How often a row is written when there is no progress; a file may take long. */
const HEARTBEAT_MS = 5000;

export class JobState {
  job: Job;
  private readonly database: ProjectDatabase;
  private readonly onLost: () => void;
  private readonly listeners = new Set<OnProgress>();
  private readonly heartbeat: NodeJS.Timeout;
  private toldAt = 0;
  private wroteAt = performance.now();
  /** Writes of the row, one after another: the last word must be the last written. */
  private writing: Promise<void> = Promise.resolve();

  /** `onLost` is called when the row says that the job is running no longer. */
  constructor(job: Job, database: ProjectDatabase, onLost: () => void) {
    this.job = job;
    this.database = database;
    this.onLost = onLost;
    this.heartbeat = setInterval(() => this.writeSoon(), HEARTBEAT_MS).unref();
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
    if (now - this.wroteAt >= ROW_INTERVAL_MS) this.writeSoon();
  }

  async end(change: Pick<Job, 'state'> & Partial<Pick<Job, 'report' | 'error'>>): Promise<void> {
    clearInterval(this.heartbeat);
    this.job = { ...this.job, ...change, current_file: null, finished_at: new Date().toISOString() };
    for (const listener of this.listeners) listener(this.job);
    await this.writing;
    await updateJob(this.database.db, this.job);
  }

  /** Not awaited: the next batch does not depend on it, and a database that fails is found by the batch itself. */
  private writeSoon(): void {
    this.wroteAt = performance.now();
    this.writing = this.writing
      .then(() => updateJob(this.database.db, this.job))
      .then((running) => {
        if (!running) this.onLost();
      })
      .catch(() => {});
  }
}
