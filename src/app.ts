// Composition root: configuration → homes behind the one service that every surface calls. Paths and projects are resolved
// here; the home of the project does the work.
import type { Config } from './config.js';
import { type OpenOptions, openDatabase } from './database/database.js';
import type { MoveOptions } from './database/project-copy.js';
import { connectProjects } from './database/project-server.js';
import { enclosingRepository, resolveRoot } from './discovery/root.js';
import type { Embedder } from './embedding/embedder.js';
import { openEmbedder } from './embedding/open.js';
import { CodebaseError } from './errors.js';
import { listPaths, readFile } from './home/files.js';
import { Home, type HomeServices } from './home/home.js';
import { type Homes, sharedHome, type Unavailable, type UseOptions } from './home/homes.js';
import { searchProjects } from './home/merged-search.js';
import { requireOtherName } from './home/project-changes.js';
import { ProjectHomes } from './home/project-homes.js';
import { related } from './home/related.js';
import type { WaitOptions } from './indexing/jobs.js';
import { Lanes } from './indexing/lanes.js';
import { describe } from './indexing/run.js';
import { openLog } from './log.js';
import { existingPath, noSuchProject } from './lookup.js';
import { HEAD } from './migrations/runner.js';
import { plainText } from './plain-text.js';
import type { ProjectId } from './project.js';
import { resolveProject } from './project-config.js';
import {
  type Codebase,
  FileRequest,
  type IndexReport,
  type IndexRequest,
  type Job,
  type MoveRequest,
  PathsRequest,
  type RelatedAnswer,
  RelatedRequest,
  type SearchAnswer,
  SearchRequest,
} from './service.js';

/** The service in this process. */
export interface OpenedCodebase extends Codebase {
  runningJobs(): number;
  /** Starts the jobs again that ended with a process; one that cannot be is logged. */
  resumeJobs(): Promise<void>;
}

export interface CodebaseOptions extends OpenOptions {
  /** The process answers many questions: it may look for changes between them. */
  readonly longLived?: boolean;
}

export async function openCodebase(config: Config, options: CodebaseOptions): Promise<OpenedCodebase> {
  const services: HomeServices = {
    embedder: openedOnce(config.embedder),
    lanes: new Lanes(config.embedder),
    log: openLog(config.logFile),
    longLived: options.longLived ?? false,
  };
  return new App(await openHomes(config, options, services), services);
}

async function openHomes(config: Config, options: OpenOptions, services: HomeServices): Promise<Homes> {
  if (config.databaseUrl === undefined) return shared(config, config, options, services);
  const kind = await connectProjects(config, options, services.log);
  return kind.isolation === 'shared'
    ? shared(kind.config, config, options, services)
    : new ProjectHomes(kind.server, services);
}

/** `given`: what nothing is decided in yet that another server decides. */
async function shared(config: Config, given: Config, options: OpenOptions, services: HomeServices): Promise<Homes> {
  const database = await openDatabase(config, options);
  if (database.setAside !== null) services.log.warn(database.setAside, 'a damaged index was set aside');
  if (database.wall?.role === null) services.log.warn(database.wall, 'no row-level security between projects');
  return sharedHome(await Home.open(database, services), { config: given, options, log: services.log });
}

class App implements OpenedCodebase {
  private readonly homes: Homes;
  private readonly services: HomeServices;

  constructor(homes: Homes, services: HomeServices) {
    this.homes = homes;
    this.services = services;
  }

  async index(request: IndexRequest, options: WaitOptions = {}): Promise<IndexReport> {
    const { project, root } = await locate(plainText(request));
    return this.homes.use(project, ({ home }) => home.index(project, root, options), MAKE);
  }

  async startIndexing(request: IndexRequest): Promise<Job> {
    const { project, root } = await locate(plainText(request));
    return this.homes.use(project, ({ home }) => home.startIndexing(project, root), MAKE);
  }

  job(id: string): Promise<Job> {
    return this.jobAt(id, (home) => home.job(id));
  }

  cancel(id: string): Promise<Job> {
    return this.jobAt(id, (home) => home.cancel(id));
  }

  async search(input: SearchRequest, options: WaitOptions = {}): Promise<SearchAnswer> {
    const request = SearchRequest.parse(plainText(input));
    if (request.all_projects || request.projects) return searchProjects(this.homes, request, options);
    const project = await resolveProject(request.project, request.repository);
    const make = maker(request.repository);
    return this.homes.use(project, ({ searches }) => searches.search(project, request, options), { make });
  }

  async related(input: RelatedRequest, options: WaitOptions = {}): Promise<RelatedAnswer> {
    const request = RelatedRequest.parse(plainText(input));
    const project = await resolveProject(request.project, request.file);
    const make = maker(request.repository);
    return this.homes.use(project, ({ home, searches }) => related(home, searches, project, request, options), {
      make,
    });
  }

  async readFile(input: FileRequest): ReturnType<Codebase['readFile']> {
    const request = FileRequest.parse(plainText(input));
    const project = await resolveProject(request.project, request.repository);
    return this.homes.use(project, ({ home }) => readFile(home, project, request));
  }

  async listPaths(input: PathsRequest): ReturnType<Codebase['listPaths']> {
    const request = PathsRequest.parse(plainText(input));
    const project = await resolveProject(request.project, request.repository);
    return this.homes.use(project, ({ home }) => listPaths(home, project, request));
  }

  async status(request: { project?: string | undefined; path?: string | undefined }): ReturnType<Codebase['status']> {
    const { project: named, path } = plainText(request);
    if (named === undefined && path === undefined) return this.describeAll();
    const project = await resolveProject(named, path);
    return this.describe([
      await this.homes.use(project, async ({ home }) => {
        if (named !== undefined) await home.existing(project);
        const at = path === undefined ? undefined : (await home.indexedAt(project, path)).path;
        return look(home, named === undefined ? undefined : project, at);
      }),
    ]);
  }

  async projects(): ReturnType<Codebase['projects']> {
    return this.homes.projects();
  }

  async remove(request: { path: string; project?: string | undefined }): ReturnType<Codebase['remove']> {
    const project = await resolveProject(request.project, plainText(request.path));
    return this.homes.use(project, ({ home }) => home.remove(project, request.path));
  }

  async removeProject(request: { project: string }): ReturnType<Codebase['removeProject']> {
    const project = await resolveProject(request.project, undefined);
    const { homes } = this;
    const summary = (await homes.projects()).find(({ id }) => id === project);
    if (summary === undefined) throw noSuchProject(project, await homes.ids());
    const { id: _, unavailable: __, ...counts } = summary;
    return { project, ...counts, bytes: await homes.removeProject(project) };
  }

  async renameProject(request: { project: string; to: string }): ReturnType<Codebase['renameProject']> {
    const [project, to] = [
      await resolveProject(request.project, undefined),
      await resolveProject(request.to, undefined),
    ];
    requireOtherName(project, to);
    await this.homes.renameProject(project, to);
    return { project, to };
  }

  async moveProject(input: MoveRequest, options: MoveOptions = {}): ReturnType<Codebase['moveProject']> {
    const project = await resolveProject(input.project, undefined);
    const moved = await this.homes.moveProject(project, plainText(input), options);
    return { project, ...moved, tables: [...moved.tables] };
  }

  async addProject(request: { project: string; database: string }): ReturnType<Codebase['addProject']> {
    const project = await resolveProject(request.project, undefined);
    return { project, database: await this.homes.addProject(project, plainText(request.database)) };
  }

  runningJobs(): number {
    return this.homes.open().reduce((sum, home) => sum + home.runningJobs().length, 0);
  }

  async resumeJobs(): Promise<void> {
    const start = ({ project, repository }: Job) => this.startIndexing({ path: repository, project });
    const left = (unavailable: Unavailable) => this.services.log.warn(unavailable, 'its jobs are not resumed');
    await collect(this.homes.each((home) => home.resumeJobs(start), left));
  }

  async close(): Promise<void> {
    await this.homes.close().finally(() => this.services.lanes.close());
  }

  /** What the first home answers that knows the job. */
  private async jobAt(id: string, ask: (home: Home) => Promise<Job | undefined>): Promise<Job> {
    plainText(id);
    const silent: string[] = [];
    const each = this.homes.each(ask, ({ project }) => silent.push(project));
    for await (const job of each) if (job !== undefined) return job;
    const but = silent.length === 0 ? '' : ` (but ${silent.join(', ')} could not be asked)`;
    throw new CodebaseError(
      'not_found',
      `There is no job ${id}${but}; start one with index_repository or codebase-mcp index.`,
    );
  }

  private async describeAll(): ReturnType<Codebase['status']> {
    const unavailable: Unavailable[] = [];
    const looks = await collect(
      this.homes.each(
        (home) => look(home),
        (one) => unavailable.push(one),
      ),
    );
    return this.describe(looks, unavailable);
  }

  private async describe(
    looks: readonly Awaited<ReturnType<typeof look>>[],
    unavailable: Unavailable[] = [],
  ): ReturnType<Codebase['status']> {
    return {
      engine: this.homes.description,
      schema_revision: HEAD,
      embedder: describe(await this.services.embedder()),
      repositories: looks.flatMap(({ repositories }) => repositories),
      jobs: looks.flatMap(({ jobs }) => jobs),
      unavailable,
      pools: this.homes.pools(),
    };
  }
}

const MAKE = { make: async () => {} };

/** A search in a repository that never was indexed makes its project, when the repository is one that may be. */
function maker(repository: string | undefined): UseOptions['make'] {
  if (repository === undefined) return undefined;
  return async () => resolveRoot(await enclosingRepository(await existingPath(repository)));
}

async function collect<T>(answers: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const answer of answers) all.push(answer);
  return all;
}

async function look(home: Home, projectId?: ProjectId, path?: string) {
  const filter = { projectId, path };
  const [repositories, jobs] = [await home.repositories(filter), await home.lastJobs(filter)];
  return { repositories, jobs };
}

async function locate(request: IndexRequest): Promise<{ project: ProjectId; root: string }> {
  const { root } = await resolveRoot(request.path);
  return { project: await resolveProject(request.project, root), root };
}

function openedOnce(config: Config['embedder']): () => Promise<Embedder> {
  let embedder: Promise<Embedder> | undefined;
  return () => {
    embedder ??= openEmbedder(config);
    embedder.catch(() => {
      embedder = undefined; // a provider that was away is asked again
    });
    return embedder;
  };
}
