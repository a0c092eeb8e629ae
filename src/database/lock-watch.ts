// What the kernel does not keep: a socket can be removed while its process lives, alone by whoever takes it for a leftover,
// or with all of its directory. The holder sees it at once, and whoever comes next sees the holder.
import { type FSWatcher, statSync, watch } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Holder, readHolder, writeHolder } from './holder.js';

/** Directories that are moved with one above them tell nothing. */
const LOOK_MS = 5000;

export class LockWatch {
  private readonly directory: string;
  private readonly holder: Holder;
  private readonly onLost: () => void;
  private readonly identity: string | null;
  private readonly timer: NodeJS.Timeout;
  private readonly watcher: FSWatcher | undefined;

  /** `onLost` is called when the holder's socket is at its place no longer. */
  constructor(directory: string, holder: Holder, onLost: () => void) {
    this.directory = directory;
    this.holder = holder;
    this.onLost = onLost;
    this.identity = this.look();
    this.timer = setInterval(() => this.check() && this.keepFile(), LOOK_MS).unref();
    this.watcher = this.watch();
  }

  close(): void {
    clearInterval(this.timer);
    this.watcher?.close();
  }

  private watch(): FSWatcher | undefined {
    try {
      return watch(this.directory, { persistent: false }, () => this.check()).on('error', () => {});
    } catch {
      return undefined; // the system allows no more: the timer is left
    }
  }

  private check(): boolean {
    if (this.look() === this.identity) return true;
    this.close();
    this.onLost();
    return false;
  }

  /** Without its file nobody can speak to the holder. */
  private keepFile(): void {
    if (readHolder(this.directory)?.started_at === this.holder.started_at) return;
    writeHolder(this.directory, this.holder).catch(() => {}); // a full disk: it is tried again
  }

  private look(): string | null {
    try {
      const { dev, ino, birthtimeMs } = statSync(join(this.directory, this.holder.socket));
      return `${dev} ${ino} ${birthtimeMs}`;
    } catch {
      return null;
    }
  }
}

/**
 * The process that the directory's file names, if it lives and has the directory open, as every holder does on Linux; where
 * that cannot be seen, null.
 */
export async function holderWithoutSocket(directory: string): Promise<Holder | null> {
  const holder = readHolder(directory);
  if (holder === null || holder.pid === process.pid) return null; // in a container numbers come again
  const { dev, ino } = await stat(directory);
  const open = `/proc/${holder.pid}/fd`;
  for (const descriptor of await readdir(open).catch(() => [])) {
    const file = await stat(join(open, descriptor)).catch(() => null);
    if (file?.dev === dev && file.ino === ino) return holder;
  }
  return null;
}
