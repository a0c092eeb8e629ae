// The batches of a run on their way into the database, one at a time; searches go first.
import type { ProjectDatabase } from '../database/database.js';
import type { PreparedFile } from './prepared.js';
import { storeFiles, type Target } from './store.js';

export class Writer {
  private readonly database: ProjectDatabase;
  private readonly target: Target;
  private last: Promise<void> = Promise.resolve();

  constructor(database: ProjectDatabase, target: Target) {
    this.database = database;
    this.target = target;
  }

  /** Resolves when the batch before is stored: a slow database holds the lanes back. Rejects when that one failed. */
  add(files: readonly PreparedFile[]): Promise<void> {
    const before = this.last;
    this.last = before.then(() => this.store(files));
    this.last.catch(() => {}); // rejects where it is awaited
    return before;
  }

  /** Resolves when everything is stored. */
  done(): Promise<void> {
    return this.last;
  }

  private async store(files: readonly PreparedFile[]): Promise<void> {
    const { kind, precedence } = this.database;
    if (kind === 'embedded') await precedence.giveWay();
    await storeFiles(this.database, this.target, files);
  }
}
