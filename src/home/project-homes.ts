// A home for every project: a database each, a bounded number of them open.
import type { MoveOptions } from '../database/project-copy.js';
import { addProject, moveWithin } from '../database/project-moves.js';
import type { ProjectServer } from '../database/project-server.js';
import { describeDatabaseError } from '../database/sqlstates.js';
import { CodebaseError } from '../errors.js';
import { noSuchProject } from '../lookup.js';
import type { ProjectId } from '../project.js';
import type { PoolStatus, ProjectSummary } from '../service.js';
import { Home, type HomeServices } from './home.js';
import { type Homes, type OpenHome, openHome, type Unavailable, type UseOptions } from './homes.js';
import { LruPool } from './lru-pool.js';
import { type MoveOrder, type MoveOutcome, placeInRegistry } from './moves.js';
import { alreadyThere, cancelJobs } from './project-changes.js';

/** How long a request waits for another project to make room. */
const WAIT_MS = 30_000;

/** Projects asked at a time, when all are. */
const ASKED_AT_ONCE = 4;

/** There is no such project, or no longer. */
class Absent extends CodebaseError {}

export class ProjectHomes implements Homes {
  readonly description: string;
  private readonly server: ProjectServer;
  private readonly services: HomeServices;
  private readonly pool: LruPool<ProjectId, OpenHome>;

  /** The server becomes theirs, who close it. */
  constructor(server: ProjectServer, services: HomeServices) {
    this.server = server;
    this.description = `${server.description}, a database per project`;
    this.services = services;
    this.pool = new LruPool({
      max: server.config.server.maxProjects,
      waitMs: WAIT_MS,
      close: (project, { home }) => this.closeHome(project, home),
      settled: ({ home }) => home.settled(),
      stale: ({ home }) => home.database.lost(),
      full: tooManyProjects,
      closed: () => new CodebaseError('cancelled', 'The index was closed before this request was done.'),
    });
  }

  async use<T>(project: ProjectId, work: (open: OpenHome) => Promise<T>, { make }: UseOptions = {}): Promise<T> {
    const attempt = () => this.pool.use(project, () => this.openProject(project, make), work);
    try {
      return await attempt();
    } catch (error) {
      // One that only looked for it may have been there first.
      if (make && error instanceof Absent) return await attempt();
      throw error;
    }
  }

  /** A few at a time, so that one that does not answer holds up the others no longer than itself. */
  async *each<T>(work: (home: Home) => Promise<T>, report: (unavailable: Unavailable) => void): AsyncGenerator<T> {
    const open = new Set(this.pool.keys());
    const ids = await this.ids();
    const asked: Promise<Outcome<T>>[] = [];
    for (const id of [...ids.filter((id) => open.has(id)), ...ids.filter((id) => !open.has(id))]) {
      asked.push(this.ask(id, work));
      if (asked.length >= ASKED_AT_ONCE) yield* told(await asked.shift(), report);
    }
    for (const one of asked) yield* told(await one, report);
  }

  /** Never rejects: nobody may be waiting any more. */
  private async ask<T>(id: ProjectId, work: (home: Home) => Promise<T>): Promise<Outcome<T>> {
    try {
      return { id, answer: await this.use(id, ({ home }) => work(home)) };
    } catch (error) {
      return { id, error };
    }
  }

  async projects(): Promise<readonly ProjectSummary[]> {
    const summaries = new Map<string, ProjectSummary>();
    const empty = (id: string): ProjectSummary => ({ id, repositories: 0, files: 0, chunks: 0 });
    const each = this.each(
      (home) => home.projects(),
      ({ project, reason }) => summaries.set(project, { ...empty(project), unavailable: reason }),
    );
    for await (const held of each) for (const one of held) summaries.set(one.id, one);
    return (await this.ids()).map((id) => summaries.get(id) ?? empty(id));
  }

  async removeProject(project: ProjectId): Promise<number> {
    await this.endJobs(project);
    return await this.pool.exclusive(project, () => this.run(() => this.server.remove(project)));
  }

  async renameProject(project: ProjectId, to: ProjectId): Promise<void> {
    if ((await this.ids()).includes(to)) throw alreadyThere(to);
    await this.endJobs(project);
    await this.pool.exclusive(project, () => this.run(() => this.server.rename(project, to)));
  }

  async moveProject(project: ProjectId, order: MoveOrder, options: MoveOptions): Promise<MoveOutcome> {
    const { connection, next } = placeInRegistry(order.to);
    const ids = await this.ids();
    if (!ids.includes(project)) throw noSuchProject(project, ids);
    await this.endJobs(project);
    const moved = await this.pool.exclusive(project, () =>
      this.run(() => moveWithin(this.server, project, connection, options)),
    );
    return { ...moved, next };
  }

  async addProject(project: ProjectId, reference: string): Promise<string> {
    if ((await this.ids()).includes(project)) throw alreadyThere(project);
    return await this.run(() => addProject(this.server, project, reference));
  }

  open(): readonly Home[] {
    return this.pool.open().map(({ home }) => home);
  }

  pools(): PoolStatus {
    const { maxProjects, maxConnectionsPerPool = 0 } = this.server.config.server;
    const limits = { max_projects: maxProjects, max_connections_per_pool: maxConnectionsPerPool };
    return { open: this.pool.keys().length, ...limits, ...this.pool.counts };
  }

  async close(): Promise<void> {
    await this.pool.close();
    this.services.log.info(this.pools(), 'pools closed');
    await this.server.close();
  }

  async ids(): Promise<readonly ProjectId[]> {
    return (await this.run(() => this.server.registry.list())).map(({ id }) => id);
  }

  private async openProject(project: ProjectId, make: UseOptions['make']): Promise<OpenHome> {
    let database = await this.run(() => this.server.open(project, false));
    if (database === null && make !== undefined) {
      await make();
      database = await this.run(() => this.server.open(project, true));
    }
    if (database === null) throw new Absent('not_found', noSuchProject(project, await this.ids()).message);
    return openHome(await Home.open(database, this.services));
  }

  /** A project whose database is gone has none. */
  private async endJobs(project: ProjectId): Promise<void> {
    await this.use(project, ({ home }) => cancelJobs(home, project)).catch((error: unknown) => {
      if (error instanceof Absent || !(error instanceof CodebaseError)) throw error;
    });
  }

  /** Returns how many connections had not been given back. */
  private async closeHome(project: ProjectId, home: Home): Promise<number> {
    const leaks = home.database.inUse();
    await home.close();
    this.services.log.debug({ project, leaks }, 'project closed');
    return leaks;
  }

  private async run<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw describeDatabaseError(error, this.server.place) ?? error;
    }
  }
}

type Outcome<T> = { readonly id: ProjectId; readonly answer: T } | { readonly id: ProjectId; readonly error: unknown };

function* told<T>(outcome: Outcome<T> | undefined, report: (unavailable: Unavailable) => void): Generator<T> {
  if (outcome === undefined) return;
  if ('answer' in outcome) return yield outcome.answer;
  const { id, error } = outcome;
  if (error instanceof Absent) return; // it was removed meanwhile
  if (!(error instanceof CodebaseError) || error.code === 'cancelled') throw error;
  report({ project: id, reason: error.message });
}

function tooManyProjects(wanted: ProjectId, busy: ReadonlyMap<ProjectId, number>): CodebaseError {
  const who = [...busy].map(([project, users]) => `${project} (${users})`).join(', ');
  return new CodebaseError(
    'timeout',
    `Project ${wanted} waited ${WAIT_MS / 1000} s for one of the open projects to be free, and these are in use: ${who}; ask again in a while, or raise CODEBASE_MCP_MAX_PROJECTS.`,
  );
}
