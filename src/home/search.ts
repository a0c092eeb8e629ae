// A search in one home: which repositories are meant, the answer, and whether it is still what is on disk.
import { type RepositoryRow, repositoriesOf } from '../database/repositories.js';
import { enclosingRepository, resolveRoot } from '../discovery/root.js';
import type { WaitOptions } from '../indexing/jobs.js';
import { stalePaths } from '../indexing/stale.js';
import { existingPath, knownLanguage, repositoryAt } from '../lookup.js';
import type { ProjectId } from '../project.js';
import { FileCache } from '../search/file-cache.js';
import { pathFilter } from '../search/glob.js';
import type { Scope } from '../search/scope.js';
import { type Found, type SearchTools, search } from '../search/search.js';
import type { IndexReport, SearchAnswer, SearchRequest, SearchResult } from '../service.js';
import { within } from '../within.js';
import { refresh } from './freshness.js';
import type { Home } from './home.js';

/** How long a search waits for a first indexing that others began, before it searches what there is. */
const BEGUN_INDEXING_MS = 10_000;
/** How long a repository is taken for unchanged once it was looked at, in milliseconds. */
const CHANGES_INTERVAL_MS = 30_000;

/** What was removed since it was found is not brought back. */
const KNOWN = { known: true };

/** Searches of one home, which remember when each repository was last looked at for changes. */
export class HomeSearch {
  private readonly home: Home;
  private readonly files: FileCache;
  /** In the process's milliseconds. */
  private readonly lookedAt = new Map<string, number>();

  constructor(home: Home) {
    this.home = home;
    this.files = new FileCache();
  }

  async search(project: ProjectId, request: ParsedSearch, options: WaitOptions): Promise<SearchAnswer> {
    const limits = { explain: request.explain, signal: options.signal };
    const { found, ...rest } = await this.look(project, request, options, (tools, scope, repositories) =>
      search(tools, scope, repositories, request.query, { ...limitsOf(request), ...limits }),
    );
    return { query: request.query, ...rest, results: [...found.results] };
  }

  /** Opens what is to be searched, finds, brings the files of the answer up to date, and tells what was searched. */
  async look<F extends Found>(
    project: ProjectId,
    request: Narrowing,
    options: WaitOptions,
    find: (tools: SearchTools, scope: Scope, repositories: ReadonlyMap<string, string>) => Promise<F>,
  ): Promise<Omit<SearchAnswer, 'query' | 'results'> & { readonly found: F }> {
    const started = performance.now();
    const { home } = this;
    const languages = request.languages.map(knownLanguage);
    const { repositories, indexed } = await this.repositoriesToSearch(project, request.repository, options);
    const scope: Scope = {
      projectId: project,
      repositoryIds: repositories.map((row) => row.id),
      paths: pathFilter(
        request.paths,
        repositories.map((row) => row.path),
      ),
      languages,
    };
    const byId = new Map(repositories.map((row) => [row.id, row.path]));
    const tools = {
      database: home.database.inProject(project),
      embedder: await home.services.embedder(),
      files: this.files,
    };
    const ask = () => this.read(() => find(tools, scope, byId));
    let found = await ask();
    let { freshness, note } = await this.refresh(project, found.results);
    if (freshness === 'refreshed') {
      found = await ask();
      // A run that was under way already may have passed these files before they changed.
      const again = await this.refresh(project, found.results);
      if (again.freshness !== 'fresh') ({ freshness, note } = again);
      if (again.freshness === 'refreshed') found = await ask();
    }
    if (indexed === null && request.repository !== undefined)
      for (const path of byId.values()) this.lookForChanges(project, path);
    return {
      project,
      found,
      searched: {
        repositories: [...byId.values()],
        files: found.files,
        chunks: found.chunks,
        files_left_out: found.filesLeftOut,
      },
      freshness,
      indexed_now: indexed,
      notes: [
        ...found.notes,
        ...(note === null ? [] : [note]),
        ...this.replicaNotes(),
        ...this.damageNotes(indexed),
        ...this.watchNotes(project, repositories),
        ...this.progressNotes(repositories),
      ],
      elapsed_ms: Math.round((performance.now() - started) * 10) / 10,
    };
  }

  private read<T>(work: () => Promise<T>): Promise<T> {
    const { home } = this;
    return home.database.precedence.first(() => home.run(work));
  }

  private async refresh(project: ProjectId, results: readonly SearchResult[]): ReturnType<typeof refresh> {
    const { home } = this;
    const embedder = await home.services.embedder();
    return refresh(
      {
        stale: (repository, paths) =>
          this.read(() => stalePaths(home.dbOf(project), embedder, { projectId: project, repository, paths })),
        reindex: home.database.readOnly ? null : (repository) => home.bringUpToDate(project, repository, KNOWN),
      },
      results,
    );
  }

  /** What no answer has shown is found by watching, and by a run now and then where that is not possible or misses something. */
  private lookForChanges(project: ProjectId, root: string): void {
    if (!this.home.services.longLived || this.home.database.readOnly) return;
    this.home.watches.keep(project, root);
    const key = `${project}\0${root}`;
    const since = performance.now() - (this.lookedAt.get(key) ?? -CHANGES_INTERVAL_MS);
    if (since < CHANGES_INTERVAL_MS) return;
    this.lookedAt.set(key, performance.now());
    this.home
      .launch(project, root, KNOWN)
      .then((job) => job.done)
      .catch(() => {}) // the job keeps its own error
      .finally(() => this.lookedAt.set(key, performance.now()));
  }

  /** The repository that holds `path`, indexed first when it never was; without a path all of the project. */
  private async repositoriesToSearch(
    project: ProjectId,
    path: string | undefined,
    options: WaitOptions,
  ): Promise<{ repositories: readonly RepositoryRow[]; indexed: IndexReport | null }> {
    const { home } = this;
    const db = home.dbOf(project);
    if (path === undefined) {
      await home.existing(project);
      return { repositories: await this.read(() => repositoriesOf(db, project)), indexed: null };
    }
    const real = await existingPath(path);
    const known = await this.read(() => repositoryAt(db, project, real));
    if (known !== undefined && known.indexedAt !== null) return { repositories: [known], indexed: null };
    const root = known?.path ?? (await resolveRoot(await enclosingRepository(real))).root;
    const begun = home.isIndexing(project, root);
    const indexing = home.bringUpToDate(project, root, options);
    const indexed = await (begun ? within(BEGUN_INDEXING_MS, indexing) : indexing);
    const row = await home.run(() => repositoryAt(db, project, root));
    return { repositories: row === undefined ? [] : [row], indexed };
  }

  /** Why a repository that was indexed had to be indexed again. */
  private damageNotes(indexed: IndexReport | null): string[] {
    const { setAside } = this.home.database;
    return indexed === null || setAside === null
      ? []
      : [`The index before was damaged (${setAside.reason}) and was moved to ${setAside.path}.`];
  }

  private replicaNotes(): string[] {
    if (!this.home.database.readOnly) return [];
    return [
      'This is a read-only copy of the index: what changes is indexed with DATABASE_URL pointing to the primary.',
    ];
  }

  private watchNotes(project: ProjectId, repositories: readonly RepositoryRow[]): string[] {
    return repositories.flatMap(({ path }) => {
      const why = this.home.watches.whyNot(project, path);
      const every = `every ${CHANGES_INTERVAL_MS / 1000} s while it is searched`;
      return why === null ? [] : [`${path} is looked at for changes ${every} instead of being watched: ${why}.`];
    });
  }

  /** Of a first indexing that goes on; later ones only bring up to date what the answer says is fresh or not. */
  private progressNotes(repositories: readonly RepositoryRow[]): string[] {
    const unfinished = repositories.filter(({ indexedAt }) => indexedAt === null).map(({ path }) => path);
    return this.home
      .runningJobs()
      .filter((job) => unfinished.includes(job.repository) && /^(indexing|stalled)$/.test(job.phase))
      .map((job) => `${job.repository} is being indexed: ${job.files_done} of ${job.files_total} files so far.`);
  }
}

/** A request that was checked, with its defaults. */
export type ParsedSearch = ReturnType<typeof SearchRequest.parse>;

type Narrowing = Pick<ParsedSearch, 'repository' | 'paths' | 'languages'>;

export function limitsOf(request: Pick<ParsedSearch, 'limit' | 'max_tokens' | 'detail'>) {
  return { limit: request.limit, maxTokens: request.max_tokens, detail: request.detail };
}
