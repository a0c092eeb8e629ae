// A home: one database with the jobs and searches of the projects that live in it. Projects and paths come in resolved.
import { realpath } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import type { Database, ProjectDatabase } from '../database/database.js';
import { describeRepositories, listProjects, type RepositoryRow, removeRepository } from '../database/repositories.js';
import { describeDatabaseError } from '../database/sqlstates.js';
import type { Embedder } from '../embedding/embedder.js';
import { CodebaseError } from '../errors.js';
import { cancelJob, findJob, jobsToResume, lastJobs, markInterrupted } from '../indexing/job-rows.js';
import { type IndexOptions, Jobs, type LiveJob } from '../indexing/jobs.js';
import type { Lanes } from '../indexing/lanes.js';
import type { Logger } from '../log.js';
import { existingProject, indexedRepository } from '../lookup.js';
import type { ProjectId } from '../project.js';
import type { IndexReport, Job, ProjectSummary, RemoveAnswer, Repository } from '../service.js';
import { Watches } from './watches.js';

/** What the homes of a process share. */
export interface HomeServices {
  /** Opened on first use: listing projects needs no model. */
  readonly embedder: () => Promise<Embedder>;
  readonly lanes: Lanes;
  readonly log: Logger;
  /** The process answers many questions: it may look for changes between them. */
  readonly longLived: boolean;
}

/** Narrows what is told: to one project, and in it to one repository by its path. */
export interface HomeFilter {
  readonly projectId?: ProjectId | undefined;
  readonly path?: string | undefined;
}

export class Home {
  readonly database: Database;
  readonly services: HomeServices;
  readonly watches: Watches;
  private jobs: Jobs | undefined;
  /** Jobs from the moment they are about to be claimed. */
  private readonly launches = new Set<Promise<unknown>>();

  private constructor(database: Database, services: HomeServices) {
    this.database = database;
    this.services = services;
    this.watches = new Watches(this);
  }

  /** The database becomes the home's, which closes it. */
  static async open(database: Database, services: HomeServices): Promise<Home> {
    try {
      if (!database.readOnly) await markInterrupted(database.allProjects, database.kind);
      return new Home(database, services);
    } catch (error) {
      await database.close();
      throw describeDatabaseError(error, database.place) ?? error;
    }
  }

  async index(project: ProjectId, root: string, options: IndexOptions): Promise<IndexReport> {
    // A job that runs already may have passed by what changed since it began. Who cancels it means whoever waits for it too.
    if (this.isIndexing(project, root)) {
      await this.bringUpToDate(project, root, options).catch((error: unknown) => {
        if (error instanceof CodebaseError && error.code === 'cancelled') throw error;
      });
    }
    return this.bringUpToDate(project, root, options);
  }

  /** The same, where a job that runs already will do. */
  async bringUpToDate(project: ProjectId, root: string, options: IndexOptions): Promise<IndexReport> {
    return (await this.launch(project, root, options)).wait(options);
  }

  /** Starts a job that goes on when nobody waits. */
  async startIndexing(project: ProjectId, root: string): Promise<Job> {
    const job = await this.launch(project, root);
    job.keep();
    return job.snapshot();
  }

  /** Starts a job that ends when those who wait for it leave. */
  launch(project: ProjectId, root: string, { known = false }: IndexOptions = {}): Promise<LiveJob> {
    const launched = this.claim(project, root, known);
    const ended = launched
      .then((job) => job.done)
      .catch(() => {})
      .finally(() => this.launches.delete(ended));
    this.launches.add(ended);
    return launched;
  }

  private async claim(project: ProjectId, root: string, known: boolean): Promise<LiveJob> {
    const embedder = await this.services.embedder();
    this.jobs ??= new Jobs({
      database: this.database,
      embedder,
      lanes: this.services.lanes,
      log: this.services.log,
      explain: (error) => this.explain(error),
    });
    const { jobs } = this;
    return await this.run(() => jobs.start(project, root, known));
  }

  async job(id: string): Promise<Job | undefined> {
    return this.jobs?.known(id) ?? (await this.run(() => findJob(this.database.allProjects, id)));
  }

  async cancel(id: string): Promise<Job | undefined> {
    const live = this.jobs?.find(id);
    await this.run(() => (live === undefined ? cancelJob(this.database.allProjects, id) : live.cancel()));
    await live?.done.catch(() => {});
    return live?.snapshot() ?? (await this.job(id));
  }

  /** Of each repository the job that runs or the last one. */
  async lastJobs({ projectId, path }: HomeFilter): Promise<readonly Job[]> {
    const rows = await this.run(() => lastJobs(this.dbFor(projectId), { projectId, root: path }));
    return rows.map((row) => this.jobs?.known(row.job_id) ?? row);
  }

  repositories(filter: HomeFilter): Promise<readonly Repository[]> {
    return this.run(() => describeRepositories(this.dbFor(filter.projectId), filter));
  }

  projects(): Promise<readonly ProjectSummary[]> {
    return this.run(() => listProjects(this.database.allProjects));
  }

  /** Forgets the repository that holds the path, and ends its jobs. */
  async remove(project: ProjectId, path: string): Promise<RemoveAnswer> {
    const row = await this.indexedAt(project, path);
    this.watches.drop(project, row.path);
    const jobs = await this.run(() => lastJobs(this.dbOf(project), { projectId: project, root: row.path }));
    for (const job of jobs.filter(({ state }) => state === 'running')) await this.cancel(job.job_id);
    const removed = await this.run(() => removeRepository(this.dbOf(project), project, row.id));
    this.services.log.info({ project, repository: row.path, ...removed }, 'repository removed');
    return { project, repository: row.path, ...removed };
  }

  /** The way to the database for the work of one project. */
  dbOf(project: ProjectId): ProjectDatabase['db'] {
    return this.database.inProject(project).db;
  }

  /** Throws `not_found` unless something is indexed in the project. */
  existing(project: ProjectId): Promise<ProjectId> {
    return this.run(() => existingProject(this.database, project));
  }

  /** The repository of the project that holds the path, or `not_found`. */
  indexedAt(project: ProjectId, path: string): Promise<RepositoryRow> {
    return this.run(() => indexedRepository(this.dbOf(project), project, path));
  }

  /** The repository that holds the file, and the file's path in it; the file need not exist any more. */
  async fileAt(
    project: ProjectId,
    file: string,
  ): Promise<{ readonly repository: RepositoryRow; readonly path: string }> {
    const repository = await this.indexedAt(project, file);
    const real = await realpath(file).catch(() => file);
    return { repository, path: relative(repository.path, real).replaceAll(sep, '/') };
  }

  isIndexing(project: ProjectId, root: string): boolean {
    return this.runningJobs().some((job) => job.project === project && job.repository === root);
  }

  runningJobs(): readonly Job[] {
    return this.jobs?.snapshots() ?? [];
  }

  /** Resolves when the jobs that run now have ended; null when none runs. */
  settled(): Promise<void> | null {
    return this.launches.size === 0 ? null : Promise.all(this.launches).then(() => {});
  }

  /** Starts the jobs again that ended with a process; one that cannot be is logged. */
  async resumeJobs(start: (job: Job) => Promise<Job>): Promise<void> {
    const { log } = this.services;
    for (const job of await this.run(() => jobsToResume(this.database.allProjects))) {
      const { project, repository } = job;
      try {
        const { job_id } = await start(job);
        log.info({ project, repository, job: job_id }, 'an interrupted job goes on');
      } catch (error) {
        log.warn({ project, repository, err: error }, 'an interrupted job cannot go on');
      }
    }
  }

  async close(): Promise<void> {
    this.watches.close();
    await this.jobs?.close();
    await this.database.close();
  }

  /** Runs `work`, whose errors come out in words where there are any. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.explain(error);
    }
  }

  private dbFor(project: ProjectId | undefined): ProjectDatabase['db'] {
    return project === undefined ? this.database.allProjects : this.dbOf(project);
  }

  private explain(error: unknown): unknown {
    return describeDatabaseError(error, this.database.place) ?? error;
  }
}
