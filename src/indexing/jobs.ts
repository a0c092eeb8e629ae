// Indexing jobs, at most one per repository among all processes, each with a row that says how far it is.
import type { Database, ProjectDatabase } from '../database/database.js';
import type { Embedder } from '../embedding/embedder.js';
import { CodebaseError } from '../errors.js';
import type { Logger } from '../log.js';
import type { IndexReport, Job, OnProgress } from '../service.js';
import { FollowedJob } from './followed-job.js';
import { claimJob, endedElsewhere, INTERRUPTED } from './job-rows.js';
import { JobState } from './job-state.js';
import type { Lanes } from './lanes.js';
import { indexRepository } from './run.js';
import { Waiters } from './waiters.js';

export interface JobServices {
  readonly database: Database;
  readonly embedder: Embedder;
  readonly lanes: Lanes;
  readonly log: Logger;
  /** Turns what the database or the system threw into a sentence. */
  readonly explain: (error: unknown) => unknown;
}

export interface WaitOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
}

export interface IndexOptions extends WaitOptions {
  /** A repository that is not indexed stays so: it may have been removed since somebody saw it. */
  readonly known?: boolean;
}

export interface LiveJob {
  readonly id: string;
  snapshot(): Job;
  /** It is not to be joined any more: it has been ended, or has come to its end. */
  readonly isOver: boolean;
  readonly done: Promise<IndexReport>;
  /** Let it go on when nobody waits. */
  keep(): void;
  /** Wait for its end. A signal that is aborted ends the waiting, and the job too when nobody else has an interest in it. */
  wait(options: WaitOptions): Promise<IndexReport>;
  /** End it for everybody. */
  cancel(): Promise<void>;
  /** End it, or the following of it, because this process ends. */
  stop(): void;
}

export class Jobs {
  private readonly running = new Map<string, Promise<LiveJob>>();
  private readonly live = new Set<LiveJob>();
  /** Jobs whose end the database did not take: their rows say that they run. */
  private readonly unwritten = new Map<string, Job>();
  private readonly services: JobServices;

  constructor(services: JobServices) {
    this.services = services;
  }

  /** Start indexing a repository, or join the job that is already at it, here or in another process. */
  async start(projectId: string, root: string, known = false): Promise<LiveJob> {
    const key = `${projectId}\0${root}`;
    for (let running = this.running.get(key); running !== undefined; running = this.running.get(key)) {
      const job = await running;
      if (!job.isOver) return job;
      await job.done.catch(() => {}); // whoever asks now did not cancel it
    }
    const started = this.launch(projectId, root, known);
    this.running.set(key, started);
    const forget = () => this.running.delete(key);
    started.then((job) => job.done).then(forget, forget);
    return started;
  }

  find(id: string): LiveJob | undefined {
    return [...this.live].find((job) => job.id === id);
  }

  /** What is known of a job here, better than by its row. */
  known(id: string): Job | undefined {
    return this.find(id)?.snapshot() ?? this.unwritten.get(id);
  }

  /** Jobs that run now. */
  snapshots(): readonly Job[] {
    return [...this.live].map((job) => job.snapshot());
  }

  /** Stop all jobs, to be resumed some time, and wait until they have let go. */
  async close(): Promise<void> {
    const jobs = [...this.live];
    for (const job of jobs) job.stop();
    await Promise.allSettled(jobs.map((job) => job.done));
  }

  private async launch(projectId: string, root: string, known: boolean): Promise<LiveJob> {
    const database = this.services.database.inProject(projectId);
    const { job, mine } = await claimJob(database, projectId, root);
    this.unwritten.delete(job.job_id);
    const live = mine
      ? new LocalJob(job, { ...this.services, database, known }, (last) => this.unwritten.set(job.job_id, last))
      : new FollowedJob(job, database, () => this.launch(projectId, root, known));
    this.live.add(live);
    const forget = () => this.live.delete(live);
    live.done.then(forget, forget);
    return live;
  }
}

type LocalServices = Omit<JobServices, 'database'> & { readonly database: ProjectDatabase; readonly known: boolean };

class LocalJob implements LiveJob {
  readonly id: string;
  readonly done: Promise<IndexReport>;
  private readonly state: JobState;
  private readonly services: LocalServices;
  private readonly onUnwritten: (last: Job) => void;
  private readonly abort = new AbortController();
  private readonly waiters: Waiters;

  /** `onUnwritten` takes the last word on the job when the database does not. */
  constructor(job: Job, services: LocalServices, onUnwritten: (last: Job) => void) {
    this.id = job.job_id;
    this.services = services;
    this.onUnwritten = onUnwritten;
    this.state = new JobState(job, services.database, () => this.abort.abort(endedElsewhere()));
    this.waiters = new Waiters(job.repository, () => this.abort.abort(cancelled(job.repository)));
    this.done = this.work();
    this.done.catch(() => {}); // whoever waits for the job gets the error; a background job keeps it in its row
  }

  snapshot(): Job {
    return this.state.job;
  }

  get isOver(): boolean {
    return this.abort.signal.aborted || this.state.job.state !== 'running';
  }

  keep(): void {
    this.waiters.keep();
  }

  async wait({ signal, onProgress }: WaitOptions): Promise<IndexReport> {
    const stopListening = onProgress && this.state.listen(onProgress);
    try {
      return await this.waiters.wait(this.done, signal);
    } finally {
      stopListening?.();
    }
  }

  async cancel(): Promise<void> {
    this.abort.abort(cancelled(this.state.job.repository));
  }

  stop(): void {
    this.abort.abort(new Interruption());
  }

  private async work(): Promise<IndexReport> {
    const { log, explain, ...services } = this.services;
    const { project, repository, job_id } = this.state.job;
    log.info({ project, repository, job: job_id }, 'indexing started');
    try {
      const report = await indexRepository({
        ...services,
        projectId: project,
        jobId: job_id,
        root: repository,
        signal: this.abort.signal,
        onProgress: (progress) => this.state.progress(progress),
      });
      await this.state.end({ state: 'completed', report, error: null });
      log.info({ project, repository, job: job_id, files: report.files, ms: report.duration_ms }, 'indexing completed');
      return report;
    } catch (thrown) {
      const error = explain(thrown);
      const message = error instanceof Error ? error.message : String(error);
      log.warn({ project, repository, job: job_id, err: error }, 'indexing ended early');
      // The row is a courtesy here: the database may be what failed.
      await this.state.end({ state: this.endState(), error: message }).catch(() => this.onUnwritten(this.state.job));
      throw error;
    }
  }

  private endState(): Job['state'] {
    const { aborted, reason } = this.abort.signal;
    if (!aborted) return 'failed';
    return reason instanceof Interruption ? 'interrupted' : 'cancelled';
  }
}

/** The process that indexes is ending. */
class Interruption extends CodebaseError {
  constructor() {
    super('cancelled', INTERRUPTED);
  }
}

function cancelled(root: string): CodebaseError {
  return new CodebaseError(
    'cancelled',
    `Indexing ${root} was cancelled; what was stored stays, and indexing again goes on from there.`,
  );
}
