// Which home a project lives in, opened when it is needed.
import type { ProjectId } from '../project.js';
import type { Home } from './home.js';
import { HomeSearch } from './search.js';

/** A home that is open, with what its searches remember. */
export interface OpenHome {
  readonly home: Home;
  readonly searches: HomeSearch;
}

export interface Homes {
  /** Runs `work` on the home of the project, which stays open for as long. */
  use<T>(project: ProjectId, work: (open: OpenHome) => Promise<T>): Promise<T>;
  /** Runs `work` on every home. */
  each<T>(work: (home: Home) => Promise<T>): Promise<readonly T[]>;
  /** Homes that are open now. */
  open(): readonly Home[];
  close(): Promise<void>;
}

/** One home for all projects. */
export function sharedHome(home: Home): Homes {
  const open = { home, searches: new HomeSearch(home) };
  return {
    use: (_project, work) => work(open),
    each: async (work) => [await work(home)],
    open: () => [home],
    close: () => home.close(),
  };
}
