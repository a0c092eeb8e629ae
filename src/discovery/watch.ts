// Tells that something in a tree has changed: one watch for each directory, which misses nothing where a recursive one loses
// directories made in a row or stops silently at the system's limit. Nothing is read, and nothing written.
import { type FSWatcher, readdirSync, watch } from 'node:fs';
import { join } from 'node:path';
import { look } from './look.js';
import { isDependencyDirectory, skipByPath } from './path-rules.js';

/** More directories than this are not watched: each costs some kilobytes here and in the kernel. */
const MAX_DIRECTORIES = 20_000;

/** The directories that files are in, relative with a slash at the end; '' is the root, which is always one of them. */
export function directoriesOf(files: readonly { readonly path: string }[]): ReadonlySet<string> {
  const directories = new Set(['']);
  for (const { path } of files) {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const directory = path.slice(0, end + 1);
      if (directories.has(directory)) break;
      directories.add(directory);
    }
  }
  return directories;
}

export interface TreeWatchEvents {
  /** A file or directory that might be indexed was made, written, renamed or removed. */
  readonly changed: () => void;
  /** The tree is watched no longer; the sentence says why and what helps. */
  readonly gaveUp: (why: string) => void;
}

export class TreeWatch {
  private readonly root: string;
  private readonly events: TreeWatchEvents;
  private readonly watchers = new Map<string, FSWatcher>();
  /** Directories were made or removed since the last update. */
  private outdated = false;
  private closed = false;

  constructor(root: string, events: TreeWatchEvents) {
    this.root = root;
    this.events = events;
  }

  /** Should `update` be called again? */
  get isOutdated(): boolean {
    return this.outdated;
  }

  /** Watch these directories, and others only while they hold no file. True when one of these was not watched before. */
  update(directories: ReadonlySet<string>): boolean {
    this.outdated = false;
    for (const path of this.watchers.keys()) if (!directories.has(path) && this.holdsFiles(path)) this.forget(path);
    const added = [...directories].filter((path) => !this.watchers.has(path));
    for (const path of added) this.add(path);
    return added.length > 0;
  }

  close(): void {
    this.closed = true;
    for (const watcher of this.watchers.values()) watcher.close();
    this.watchers.clear();
  }

  private add(path: string): void {
    if (this.closed || this.watchers.has(path)) return;
    if (this.watchers.size === MAX_DIRECTORIES) {
      this.giveUp(`it has more than ${MAX_DIRECTORIES.toLocaleString('en-US')} directories`);
      return;
    }
    try {
      const watcher = watch(join(this.root, path), { persistent: false }, (_event, name) => this.saw(path, name));
      watcher.on('error', (error) => this.failed(path, error));
      this.watchers.set(path, watcher);
    } catch (error) {
      this.failed(path, error);
    }
  }

  private saw(directory: string, name: string | null): void {
    const path = `${directory}${name ?? ''}`;
    if (name === '.git' || (name !== null && (isDependencyDirectory(name) || skipByPath(path) !== null))) return;
    const status = look(join(this.root, path));
    if (status === null && this.watchers.has(`${path}/`)) this.forget(`${path}/`);
    if (status !== null && typeof status !== 'string' && status.isDirectory()) this.addNew(`${path}/`);
    this.events.changed();
  }

  /** A new directory may have come with others in it. */
  private addNew(path: string): void {
    if (this.watchers.has(path)) return;
    this.outdated = true;
    this.add(path);
    for (const entry of this.entries(path)) {
      if (entry.isDirectory() && !isDependencyDirectory(entry.name) && entry.name !== '.git')
        this.addNew(`${path}${entry.name}/`);
    }
  }

  private forget(path: string): void {
    this.outdated = true;
    this.watchers.get(path)?.close();
    this.watchers.delete(path);
  }

  private holdsFiles(path: string): boolean {
    return this.entries(path).some((entry) => !entry.isDirectory());
  }

  private entries(path: string) {
    try {
      return readdirSync(join(this.root, path), { withFileTypes: true });
    } catch {
      return [];
    }
  }

  private failed(path: string, error: unknown): void {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC')
      this.giveUp(
        'the system allows no more watched directories; more are allowed by: sudo sysctl fs.inotify.max_user_watches=524288',
      );
    else if (code === 'EMFILE' || code === 'ENFILE')
      this.giveUp('this process may open no more files; more are allowed by: ulimit -n 65536');
    else this.forget(path); // it is gone, or not ours to read
  }

  private giveUp(why: string): void {
    if (this.closed) return;
    this.close();
    this.events.gaveUp(why);
  }
}
