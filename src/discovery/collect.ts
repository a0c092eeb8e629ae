// Gathers what a listing finds: a look at each file's name and status decides whether it is kept or why it is skipped.
import type { Stats } from 'node:fs';
import { join } from 'node:path';
import { look } from './look.js';
import { skipByPath } from './path-rules.js';
import { MAX_FILE_SIZE, type SkippedFile, type SkipReason } from './skip.js';

export interface FoundFile {
  /** Relative to the root, with forward slashes. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

export interface Discovery {
  /** Sorted by path. */
  readonly files: readonly FoundFile[];
  readonly skipped: readonly SkippedFile[];
}

export class Collector {
  readonly root: string;
  private readonly files: FoundFile[] = [];
  private readonly skipped: SkippedFile[] = [];

  constructor(root: string) {
    this.root = root;
  }

  /** Look at a file and keep or skip it. */
  add(path: string): void {
    const status = look(join(this.root, path));
    if (status === null || typeof status === 'string') {
      this.skip(path, status === null ? 'vanished' : 'unreadable', status ?? undefined);
      return;
    }
    const reason = skipByPath(path) ?? skipByStatus(status);
    if (reason) this.skip(path, reason);
    else this.files.push({ path, size: status.size });
  }

  skip(path: string, reason: SkipReason, detail?: string): void {
    this.skipped.push(detail === undefined ? { path, reason } : { path, reason, detail });
  }

  result(): Discovery {
    return { files: this.files.sort(byPath), skipped: this.skipped.sort(byPath) };
  }
}

function skipByStatus(stats: Stats): SkipReason | null {
  if (stats.isSymbolicLink()) return 'symlink';
  // Git lists a directory only as a submodule.
  if (stats.isDirectory()) return 'submodule';
  if (!stats.isFile()) return 'special';
  if (stats.size === 0) return 'empty';
  return stats.size > MAX_FILE_SIZE ? 'too-large' : null;
}

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

/** Let other work run now and then, and stop when asked to. */
export async function breathe(signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  await new Promise((resolve) => setImmediate(resolve));
}
