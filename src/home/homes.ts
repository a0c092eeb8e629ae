// Which home a project lives in, opened when it is needed.
import type { MoveOptions } from '../database/project-copy.js';
import type { Mover } from '../database/project-moves.js';
import { CodebaseError } from '../errors.js';
import type { ProjectId } from '../project.js';
import type { PoolStatus, ProjectSummary, StatusAnswer } from '../service.js';
import type { Home } from './home.js';
import { type MoveOrder, type MoveOutcome, moveShared } from './moves.js';
import { removeFrom, renameIn } from './project-changes.js';
import { HomeSearch } from './search.js';

/** A home that is open, with what its searches remember. */
export interface OpenHome {
  readonly home: Home;
  readonly searches: HomeSearch;
}

/** A project whose database cannot be asked at present. */
export type Unavailable = StatusAnswer['unavailable'][number];

export interface UseOptions {
  /** A project that is not there yet is made, unless this throws. */
  readonly make?: (() => Promise<unknown>) | undefined;
}

export interface Homes {
  /** Engine, version and where the data is, in words. */
  readonly description: string;
  /** Runs `work` on the home of the project, which stays open for as long and until its jobs have ended. */
  use<T>(project: ProjectId, work: (open: OpenHome) => Promise<T>, options?: UseOptions): Promise<T>;
  /** Runs `work` on every home, those first that are open. One that cannot be asked is reported and left out. */
  each<T>(work: (home: Home) => Promise<T>, report: (unavailable: Unavailable) => void): AsyncGenerator<T>;
  projects(): Promise<readonly ProjectSummary[]>;
  ids(): Promise<readonly ProjectId[]>;
  /** Removes all of the project; returns the bytes that it took. */
  removeProject(project: ProjectId): Promise<number>;
  /** `to` is not in use. */
  renameProject(project: ProjectId, to: ProjectId): Promise<void>;
  /** Moves the project with all its data; what ends early leaves it where it was. */
  moveProject(project: ProjectId, order: MoveOrder, options: MoveOptions): Promise<MoveOutcome>;
  /** A project that is to have a database of its own, found by `reference`; returns that place in words. */
  addProject(project: ProjectId, reference: string): Promise<string>;
  /** Homes that are open now. */
  open(): readonly Home[];
  /** Null where there is one home for all. */
  pools(): PoolStatus | null;
  close(): Promise<void>;
}

/** One home for all projects. `mover`: what opens the other end of a move. */
export function sharedHome(home: Home, mover: Omit<Mover, keyof MoveOptions>): Homes {
  const open = openHome(home);
  return {
    description: describe(home),
    use: (_project, work) => work(open),
    each: async function* (work) {
      yield await work(home);
    },
    projects: () => home.projects(),
    ids: async () => (await home.projects()).map(({ id }) => id as ProjectId),
    removeProject: (project) => removeFrom(home, project),
    renameProject: (project, to) => renameIn(home, project, to),
    moveProject: (project, order, options) => moveShared(home, { ...mover, ...options }, project, order),
    addProject: async () => {
      throw new CodebaseError(
        'invalid_input',
        'All projects share one database here, and the first index makes one; a database of its own needs an installation with a database per project, see docs/scaling.md.',
      );
    },
    open: () => [home],
    pools: () => null,
    close: () => home.close(),
  };
}

function describe({ database: { description, wall } }: Home): string {
  return wall?.role === null
    ? `${description}, without row-level security between projects (codebase-mcp doctor says what it takes)`
    : description;
}

export function openHome(home: Home): OpenHome {
  return { home, searches: new HomeSearch(home) };
}
