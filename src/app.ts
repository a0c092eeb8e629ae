// Composition root: configuration → database, embedder, jobs and search behind the one service that every surface calls.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from './config.js';
import { type Database, type OpenOptions, openDatabase } from './database/database.js';
import {
  describeRepositories,
  listProjects,
  type RepositoryRow,
  removeRepository,
  repositoriesOf,
} from './database/repositories.js';
import { describeDatabaseError } from './database/sqlstates.js';
import { enclosingRepository, resolveRoot } from './discovery/root.js';
import type { Embedder } from './embedding/embedder.js';
import { openEmbedder } from './embedding/open.js';
import { CodebaseError } from './errors.js';
import { refresh } from './freshness.js';
import { cancelJob, findJob, jobsToResume, lastJobs, markInterrupted } from './indexing/job-rows.js';
import { Jobs, type LiveJob, type WaitOptions } from './indexing/jobs.js';
import { describe } from './indexing/run.js';
import { stalePaths } from './indexing/stale.js';
import { type Logger, openLog } from './log.js';
import { existingPath, existingProject, indexedRepository, knownLanguage, repositoryAt } from './lookup.js';
import { HEAD } from './migrations/runner.js';
import type { ProjectId } from './project.js';
import { resolveProject } from './project-config.js';
import { pathFilter } from './search/glob.js';
import type { Scope } from './search/scope.js';
import { search } from './search/search.js';
import {
  type Codebase,
  type IndexReport,
  type IndexRequest,
  type Job,
  type SearchAnswer,
  SearchRequest,
  type SearchResult,
} from './service.js';

/** The service in this process. */
export interface OpenedCodebase extends Codebase {
  runningJobs(): number;
  /** Starts the jobs again that ended with a process; one that cannot be is logged. */
  resumeJobs(): Promise<void>;
}

/** How long a repository is taken for unchanged once it was looked at, in milliseconds. */
const CHANGES_INTERVAL_MS = 30_000;

export interface CodebaseOptions extends OpenOptions {
  /** The process answers many questions: it may look for changes between them. */
  readonly longLived?: boolean;
}

export async function openCodebase(config: Config, options: CodebaseOptions): Promise<OpenedCodebase> {
  const log = openLog(config.logFile);
  const database = await openDatabase(config, options);
  try {
    await markInterrupted(database.db, database.kind);
    return new App(config, log, database, options.longLived ?? false);
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** How long a search waits for a first indexing that others began, before it searches what there is. */
const BEGUN_INDEXING_MS = 10_000;

class App implements OpenedCodebase {
  private readonly config: Config;
  private readonly log: Logger;
  private readonly database: Database;
  private embedder: Promise<Embedder> | undefined;
  private jobs: Jobs | undefined;
  private readonly longLived: boolean;
  /** When each repository was last looked at for changes, in the process's milliseconds. */
  private readonly lookedAt = new Map<string, number>();

  constructor(config: Config, log: Logger, database: Database, longLived: boolean) {
    this.config = config;
    this.longLived = longLived;
    this.log = log;
    this.database = database;
  }

  async index(request: IndexRequest, options: WaitOptions = {}): Promise<IndexReport> {
    const { project, root } = await this.locate(request);
    // A job that runs already may have passed by what changed since it began, and may be on its way to being cancelled.
    if (this.isIndexing(project, root)) {
      await this.indexRoot(project, root, options).catch((error: unknown) => {
        if (options.signal?.aborted) throw error;
      });
    }
    return this.indexRoot(project, root, options);
  }

  async startIndexing(request: IndexRequest): Promise<Job> {
    const { project, root } = await this.locate(request);
    const job = await this.launch(project, root);
    job.keep();
    return job.snapshot();
  }

  async job(id: string): Promise<Job> {
    const job = this.jobs?.find(id)?.snapshot() ?? (await this.run(() => findJob(this.database.db, id)));
    if (job === undefined)
      throw new CodebaseError(
        'not_found',
        `There is no job ${id}; start one with index_repository or codebase-mcp index.`,
      );
    return job;
  }

  async cancel(id: string): Promise<Job> {
    const live = this.jobs?.find(id);
    await this.run(() => (live === undefined ? cancelJob(this.database.db, id) : live.cancel()));
    await live?.done.catch(() => {});
    return live?.snapshot() ?? this.job(id);
  }

  async search(input: SearchRequest, options: WaitOptions = {}): Promise<SearchAnswer> {
    const started = performance.now();
    const request = SearchRequest.parse(input);
    const project = await resolveProject(request.project, request.repository);
    const languages = request.languages.map(knownLanguage);
    const { repositories, indexed } = await this.repositoriesToSearch(project, request.repository, options);
    const scope: Scope = {
      projectId: project,
      repositoryIds: repositories.map((row) => row.id),
      paths: pathFilter(request.paths),
      languages,
    };
    const byId = new Map(repositories.map((row) => [row.id, row.path]));
    const limits = {
      limit: request.limit,
      maxTokens: request.max_tokens,
      explain: request.explain,
      signal: options.signal,
    };
    const tools = { database: this.database, embedder: await this.openedEmbedder() };
    const ask = () => this.run(() => search(tools, scope, byId, request.query, limits));
    let found = await ask();
    const { freshness, note } = await this.refresh(project, tools.embedder, found.results);
    if (freshness === 'refreshed') found = await ask();
    if (indexed === null && request.repository !== undefined)
      for (const path of byId.values()) this.lookForChanges(project, path);
    return {
      query: request.query,
      project,
      results: [...found.results],
      searched: { repositories: [...byId.values()], files: found.files, chunks: found.chunks },
      freshness,
      indexed_now: indexed,
      notes: [...found.notes, ...(note === null ? [] : [note]), ...this.progressNotes(byId)],
      elapsed_ms: Math.round((performance.now() - started) * 10) / 10,
    };
  }

  async status(request: { project?: string | undefined; path?: string | undefined }): ReturnType<Codebase['status']> {
    const project =
      request.project === undefined ? undefined : await this.existing(await resolveProject(request.project, undefined));
    const path = request.path === undefined ? undefined : (await this.indexedAt(project, request.path)).path;
    const live = this.jobs?.snapshots() ?? [];
    return this.run(async () => {
      const rows = await lastJobs(this.database.db, { projectId: project, root: path });
      return {
        engine: this.database.description,
        schema_revision: HEAD,
        embedder: describe(await this.openedEmbedder()),
        repositories: [...(await describeRepositories(this.database.db, { projectId: project, path }))],
        jobs: rows.map((row) => live.find((job) => job.job_id === row.job_id) ?? row),
      };
    });
  }

  projects(): ReturnType<Codebase['projects']> {
    return this.run(() => listProjects(this.database.db));
  }

  async remove(request: { path: string; project?: string | undefined }): ReturnType<Codebase['remove']> {
    const project = await resolveProject(request.project, request.path);
    const row = await this.indexedAt(project, request.path);
    const jobs = await this.run(() => lastJobs(this.database.db, { projectId: project, root: row.path }));
    for (const job of jobs.filter(({ state }) => state === 'running')) await this.cancel(job.job_id);
    const removed = await this.run(() => removeRepository(this.database.db, project, row.id));
    this.log.info({ project, repository: row.path, ...removed }, 'repository removed');
    return { project, repository: row.path, ...removed };
  }

  runningJobs(): number {
    return this.jobs?.snapshots().length ?? 0;
  }

  async resumeJobs(): Promise<void> {
    const jobs = await this.run(() => jobsToResume(this.database.db));
    for (const { project, repository } of jobs) {
      try {
        const { job_id } = await this.startIndexing({ path: repository, project });
        this.log.info({ project, repository, job: job_id }, 'an interrupted job goes on');
      } catch (error) {
        this.log.warn({ project, repository, err: error }, 'an interrupted job cannot go on');
      }
    }
  }

  async close(): Promise<void> {
    await this.jobs?.close();
    await this.database.close();
  }

  private refresh(
    project: ProjectId,
    embedder: Embedder,
    results: readonly SearchResult[],
  ): ReturnType<typeof refresh> {
    const { db } = this.database;
    return refresh(
      {
        stale: (repository, paths) =>
          this.run(() => stalePaths(db, embedder, { projectId: project, repository, paths })),
        reindex: (repository) => this.indexRoot(project, repository, {}),
      },
      results,
    );
  }

  /** Files that are new or that no answer has shown are found by a run in the background, now and then. */
  private lookForChanges(project: ProjectId, root: string): void {
    const key = `${project}\0${root}`;
    if (!this.longLived || performance.now() - (this.lookedAt.get(key) ?? -CHANGES_INTERVAL_MS) < CHANGES_INTERVAL_MS)
      return;
    this.lookedAt.set(key, performance.now());
    this.launch(project, root)
      .then((job) => job.done)
      .catch(() => {}) // the job keeps its own error
      .finally(() => this.lookedAt.set(key, performance.now()));
  }

  /** Opened on first use: listing projects needs no model. */
  private openedEmbedder(): Promise<Embedder> {
    this.embedder ??= openEmbedder(this.config.embedder);
    this.embedder.catch(() => {
      this.embedder = undefined; // a provider that was away is asked again
    });
    return this.embedder;
  }

  private async launch(project: ProjectId, root: string): Promise<LiveJob> {
    const embedder = await this.openedEmbedder();
    this.jobs ??= new Jobs({
      database: this.database,
      embedder,
      embedderConfig: this.config.embedder,
      log: this.log,
      explain: (error) => this.explain(error),
    });
    const { jobs } = this;
    return this.run(() => jobs.start(project, root));
  }

  private async indexRoot(project: ProjectId, root: string, options: WaitOptions): Promise<IndexReport> {
    return (await this.launch(project, root)).wait(options);
  }

  private async locate(request: IndexRequest): Promise<{ project: ProjectId; root: string }> {
    const { root } = await resolveRoot(request.path);
    return { project: await resolveProject(request.project, root), root };
  }

  /** The repository that holds `path`, indexed first when it never was; without a path all of the project. */
  private async repositoriesToSearch(
    project: ProjectId,
    path: string | undefined,
    options: WaitOptions,
  ): Promise<{ repositories: readonly RepositoryRow[]; indexed: IndexReport | null }> {
    if (path === undefined) {
      await this.existing(project);
      return { repositories: await this.run(() => repositoriesOf(this.database.db, project)), indexed: null };
    }
    const real = await existingPath(path);
    const known = await this.run(() => repositoryAt(this.database.db, project, real));
    if (known !== undefined && known.indexedAt !== null) return { repositories: [known], indexed: null };
    const root = known?.path ?? (await resolveRoot(await enclosingRepository(real))).root;
    const begun = this.isIndexing(project, root);
    const indexing = this.indexRoot(project, root, options);
    const indexed = await (begun ? within(BEGUN_INDEXING_MS, indexing) : indexing);
    const row = await this.run(() => repositoryAt(this.database.db, project, root));
    return { repositories: row === undefined ? [] : [row], indexed };
  }

  private isIndexing(project: ProjectId, root: string): boolean {
    const snapshots = this.jobs?.snapshots() ?? [];
    return snapshots.some((job) => job.project === project && job.repository === root);
  }

  private existing(project: ProjectId): Promise<ProjectId> {
    return this.run(() => existingProject(this.database.db, project));
  }

  private async indexedAt(project: ProjectId | undefined, path: string): Promise<RepositoryRow> {
    const inProject = project ?? (await resolveProject(undefined, path));
    return this.run(() => indexedRepository(this.database.db, inProject, path));
  }

  private progressNotes(repositories: ReadonlyMap<string, string>): string[] {
    const paths = [...repositories.values()];
    const running = (this.jobs?.snapshots() ?? []).filter((job) => paths.includes(job.repository));
    return running
      .filter((job) => job.phase === 'indexing')
      .map((job) => `${job.repository} is being indexed: ${job.files_done} of ${job.files_total} files so far.`);
  }

  private async run<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.explain(error);
    }
  }

  /** What the database or the system answered, as a sentence where there is one. */
  private explain(error: unknown): unknown {
    return describeDatabaseError(error, this.database.description) ?? error;
  }
}

/** Null when it takes longer; it goes on then, and its job keeps its error. */
async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T | null> {
  const late = new AbortController();
  promise.catch(() => {});
  const timeout = sleep(milliseconds, null, { signal: late.signal }).catch(() => null);
  return await Promise.race([promise, timeout]).finally(() => late.abort());
}
