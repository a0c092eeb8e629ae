// Repositories that are searched are watched while this process lives, so that what changes in them is indexed before it is
// asked for. Where that is not possible, they are looked at now and then.
import { discover } from '../discovery/discover.js';
import { directoriesOf, TreeWatch } from '../discovery/watch.js';
import { repositoryAt } from '../lookup.js';
import type { ProjectId } from '../project.js';
import type { Home } from './home.js';

/** Repositories watched at a time; one more, and the one searched longest ago is left. */
const MAX_REPOSITORIES = 10;
/** How long changes are gathered before they are indexed, in milliseconds. */
const GATHER_MS = 300;
/** Pauses between two runs are at least so many times as long as the last run: a tree that always changes costs a part of a core. */
const PAUSE_FACTOR = 2;

export class Watches {
  private readonly home: Home;
  private readonly watches = new Map<string, RepositoryWatch>();

  constructor(home: Home) {
    this.home = home;
  }

  /** Watch a repository from now on. */
  keep(project: ProjectId, root: string): void {
    const key = `${project}\0${root}`;
    const known = this.watches.get(key);
    known?.catchUp();
    this.watches.delete(key);
    this.watches.set(key, known ?? new RepositoryWatch(this.home, project, root));
    const [oldest] = this.watches;
    if (oldest !== undefined && this.watches.size > MAX_REPOSITORIES) {
      this.watches.delete(oldest[0]);
      oldest[1].close();
    }
  }

  /** Why a repository is not watched though it was searched; null when it is. */
  whyNot(project: ProjectId, root: string): string | null {
    return this.watches.get(`${project}\0${root}`)?.obstacle ?? null;
  }

  drop(project: ProjectId, root: string): void {
    const key = `${project}\0${root}`;
    this.watches.get(key)?.close();
    this.watches.delete(key);
  }

  close(): void {
    for (const watch of this.watches.values()) watch.close();
    this.watches.clear();
  }
}

class RepositoryWatch {
  /** Why the tree is not watched; null while it is. */
  obstacle: string | null = null;
  private readonly home: Home;
  private readonly project: ProjectId;
  private readonly root: string;
  private readonly tree: TreeWatch;
  private timer: NodeJS.Timeout | undefined;
  private running = false;
  private closed = false;
  private lastRunMs = 0;

  constructor(home: Home, project: ProjectId, root: string) {
    this.home = home;
    this.project = project;
    this.root = root;
    this.tree = new TreeWatch(root, {
      changed: () => this.soon(),
      gaveUp: (why) => {
        this.obstacle = why;
        home.services.log.warn({ project, repository: root, why }, 'not watched');
      },
    });
    this.lookAtDirectories().catch((error: unknown) => this.failed(error));
  }

  /** A root that was gone when it was to be watched, or is back, tells nothing. */
  catchUp(): void {
    if (this.tree.isOutdated) this.soon();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.tree.close();
  }

  /** Changes during a run are seen by the next one. */
  private soon(): void {
    if (this.closed || this.timer !== undefined) return;
    const delay = Math.max(GATHER_MS, PAUSE_FACTOR * this.lastRunMs);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (this.running) this.soon();
      else void this.run();
    }, delay).unref();
  }

  private async run(): Promise<void> {
    this.running = true;
    const started = performance.now();
    try {
      const { home, project, root } = this;
      const known = await home.run(() => repositoryAt(home.dbOf(project), project, root));
      if (this.closed) return;
      if (known?.path !== root) return home.watches.drop(project, root); // it was removed
      await home.index(project, root, { known: true });
      if (this.tree.isOutdated) await this.lookAtDirectories();
    } catch (error) {
      this.failed(error);
    } finally {
      this.running = false;
      this.lastRunMs = performance.now() - started;
    }
  }

  /** What changed in a directory before it was watched is found by another run. */
  private async lookAtDirectories(): Promise<void> {
    const { files } = await discover(this.root);
    if (this.closed) return;
    if (this.tree.update(directoriesOf(files))) this.soon();
  }

  private failed(error: unknown): void {
    const { project, root: repository, home } = this;
    if (!this.closed) home.services.log.warn({ project, repository, err: error }, 'watching failed; it goes on');
  }
}
