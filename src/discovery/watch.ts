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

interface Watched {
  readonly watcher: FSWatcher;
  /** Undefined when the directory went in the moment it was found. */
  readonly inode: number | undefined;
}

export class TreeWatch {
  private readonly root: string;
  private readonly events: TreeWatchEvents;
  private readonly watchers = new Map<string, Watched>();
  /** Directories may have come or gone without being watched or forgotten; and nothing is watched yet. */
  private outdated = true;
  private closed = false;

  constructor(root: string, events: TreeWatchEvents) {
    this.root = root;
    this.events = events;
  }

  /** Should `update` be called again? */
  get isOutdated(): boolean {
    return this.outdated && !this.closed;
  }

  /**
   * Watch these directories, and others only while they hold no file. True when this changed anything: what came into a
   * directory before it was watched, directories above all, was not seen, and the tree is outdated still.
   */
  update(directories: ReadonlySet<string>): boolean {
    const left = [...this.watchers.keys()].filter((path) => !directories.has(path) && !this.holdsNoFile(path));
    for (const path of left) this.forget(path);
    const added = [...directories].filter((path) => this.add(path));
    const changed = left.length + added.length > 0;
    this.outdated = changed || !this.watchers.has(''); // a root that is not there now may come
    return changed;
  }

  close(): void {
    this.closed = true;
    for (const { watcher } of this.watchers.values()) watcher.close();
    this.watchers.clear();
  }

  /** True when the directory was not watched, and is now. */
  private add(path: string): boolean {
    if (this.closed || this.watchers.has(path)) return false;
    if (this.watchers.size === MAX_DIRECTORIES) {
      this.giveUp(`it has more than ${MAX_DIRECTORIES.toLocaleString('en-US')} directories`);
      return false;
    }
    const absolute = join(this.root, path, '/'); // with the slash, what becomes of the directory itself is told without a name
    try {
      const watcher = watch(absolute, { persistent: false }, (_event, name) => this.saw(path, name));
      watcher.on('error', (error) => this.failed(path, error));
      this.watchers.set(path, { watcher, inode: inodeOf(absolute) });
      return true;
    } catch (error) {
      this.failed(path, error);
      return false;
    }
  }

  private saw(directory: string, name: string | null): void {
    if (name === null || name === '') this.replaced(directory);
    else if (name === '.git' || isDependencyDirectory(name) || skipByPath(`${directory}${name}`) !== null) return;
    else this.addNew(`${directory}${name}/`);
    this.events.changed();
  }

  /** What becomes of a directory itself has no name; another one may have its path now, with the same inode. */
  private replaced(directory: string): void {
    this.outdated = true;
    this.forget(directory);
    this.addNew(directory);
  }

  /** Watches what is at the path, if that is a directory and not the one that is watched; it may have come with others in it. */
  private addNew(path: string): void {
    const inode = inodeOf(join(this.root, path));
    if (this.watchers.get(path)?.inode === inode) return;
    this.outdated = true;
    this.forget(path);
    if (inode === undefined) return;
    this.add(path);
    for (const entry of this.entries(path) ?? []) {
      if (entry.isDirectory() && !isDependencyDirectory(entry.name) && entry.name !== '.git')
        this.addNew(`${path}${entry.name}/`);
    }
  }

  private forget(path: string): void {
    this.watchers.get(path)?.watcher.close();
    this.watchers.delete(path);
  }

  /** Is it a directory, with nothing but directories in it? */
  private holdsNoFile(path: string): boolean {
    return this.entries(path)?.every((entry) => entry.isDirectory()) ?? false;
  }

  private entries(path: string) {
    try {
      return readdirSync(join(this.root, path), { withFileTypes: true });
    } catch {
      return null;
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

/** Of the directory at the path; undefined when there is none. */
function inodeOf(absolute: string): number | undefined {
  const status = look(absolute);
  return status !== null && typeof status !== 'string' && status.isDirectory() ? status.ino : undefined;
}
