// Composition root: configuration → database, embedder, jobs and search behind the one service that every surface calls.
import { realpath } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
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
import { LANGUAGES } from './languages/catalog.js';
import { type Logger, openLog } from './log.js';
import { HEAD } from './migrations/runner.js';
import { nearestNames } from './nearest.js';
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

export async function openCodebase(config: Config, options: OpenOptions): Promise<OpenedCodebase> {
  const log = openLog(config.logFile);
  const database = await openDatabase(config, options);
  try {
    await markInterrupted(database.db, database.kind);
    return new App(config, log, database);
  } catch (error) {
    await database.close();
    throw error;
  }
}

class App implements OpenedCodebase {
  private readonly config: Config;
  private readonly log: Logger;
  private readonly database: Database;
  private embedder: Promise<Embedder> | undefined;
  private jobs: Jobs | undefined;

  constructor(config: Config, log: Logger, database: Database) {
    this.config = config;
    this.log = log;
    this.database = database;
  }

  async index(request: IndexRequest, options: WaitOptions = {}): Promise<IndexReport> {
    const { project, root } = await this.locate(request);
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
    const limits = { limit: request.limit, maxTokens: request.max_tokens, signal: options.signal };
    const tools = { database: this.database, embedder: await this.openedEmbedder() };
    const ask = () => this.run(() => search(tools, scope, byId, request.query, limits));
    let found = await ask();
    const { freshness, note } = await this.refresh(project, tools.embedder, found.results);
    if (freshness === 'refreshed') found = await ask();
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
      request.project === undefined
        ? undefined
        : await this.existingProject(await resolveProject(request.project, undefined));
    const path = request.path === undefined ? undefined : await this.indexedPath(request.path, project);
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
    // A directory that is gone from disk can still be removed from the index.
    const path = await realPathOf(request.path).catch(() => resolve(request.path));
    const row = await this.repositoryAt(project, path);
    if (row === undefined) throw await this.notIndexed(project, request.path);
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
      await this.existingProject(project);
      return { repositories: await this.run(() => repositoriesOf(this.database.db, project)), indexed: null };
    }
    const real = await realPathOf(path);
    const known = await this.repositoryAt(project, real);
    if (known !== undefined && (known.indexedAt !== null || this.isIndexing(project, known.path))) {
      return { repositories: [known], indexed: null };
    }
    const root = known?.path ?? (await resolveRoot(await enclosingRepository(real))).root;
    const indexed = await this.indexRoot(project, root, options);
    const row = await this.repositoryAt(project, root);
    return { repositories: row === undefined ? [] : [row], indexed };
  }

  private isIndexing(project: ProjectId, root: string): boolean {
    const snapshots = this.jobs?.snapshots() ?? [];
    return snapshots.some((job) => job.project === project && job.repository === root);
  }

  /** The repository of the project that holds the path: the innermost one. */
  private async repositoryAt(project: ProjectId, path: string): Promise<RepositoryRow | undefined> {
    const rows = await this.run(() => repositoriesOf(this.database.db, project));
    return rows
      .filter((row) => path === row.path || path.startsWith(row.path.endsWith(sep) ? row.path : row.path + sep))
      .sort((a, b) => b.path.length - a.path.length)[0];
  }

  private async indexedPath(path: string, project: ProjectId | undefined): Promise<string> {
    const inProject = project ?? (await resolveProject(undefined, path));
    const row = await this.repositoryAt(inProject, await realPathOf(path));
    if (row === undefined) throw await this.notIndexed(inProject, path);
    return row.path;
  }

  private async notIndexed(project: ProjectId, path: string): Promise<CodebaseError> {
    const rows = await this.run(() => repositoriesOf(this.database.db, project));
    const there =
      rows.length === 0
        ? 'it has none'
        : `it has ${
            nearestNames(
              path,
              rows.map((row) => row.path),
            ).join(', ') || rows[0]?.path
          }`;
    return new CodebaseError(
      'not_found',
      `${path} is not indexed in project ${project} (${there}); run codebase-mcp index ${path}.`,
    );
  }

  private async existingProject(project: ProjectId): Promise<ProjectId> {
    const ids = (await this.projects()).map((summary) => summary.id);
    if (ids.includes(project)) return project;
    const near = nearestNames(project, ids);
    const known =
      ids.length === 0
        ? 'nothing is indexed yet'
        : `did you mean ${(near.length > 0 ? near : ids.slice(0, 3)).join(' or ')}`;
    throw new CodebaseError(
      'not_found',
      `There is no project ${project} (${known}); codebase-mcp index --project ${project} <path> makes it.`,
    );
  }

  private progressNotes(repositories: ReadonlyMap<string, string>): string[] {
    const paths = [...repositories.values()];
    const running = (this.jobs?.snapshots() ?? []).filter((job) => paths.includes(job.repository));
    return running.map(
      (job) => `${job.repository} is being indexed: ${job.files_done} of ${job.files_total} files so far.`,
    );
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

async function realPathOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new CodebaseError(
      'not_found',
      `${path} does not exist; give the path of a repository or of something in it.`,
      { cause: error },
    );
  }
}

function knownLanguage(name: string): string {
  const wanted = name.toLowerCase();
  const names = LANGUAGES.map((language) => language.name);
  if (names.includes(wanted)) return wanted;
  const near = nearestNames(wanted, names);
  throw new CodebaseError(
    'invalid_input',
    `There is no language ${name}${near.length > 0 ? `; did you mean ${near.join(' or ')}` : ''}; codebase-mcp status shows the languages in the index.`,
  );
}
