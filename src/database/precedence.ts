// Questions before writes: the embedded engine has one session, and a search asks it a dozen times in a row, which would wait
// for a batch of files each time.
import { setTimeout as sleep } from 'node:timers/promises';

/** How long a batch gives way at most: indexing goes on however many questions there are. */
const GIVE_WAY_MS = 250;
/** A search is between two of its questions rather than over. */
const PAUSE_MS = 15;
const LOOK_EVERY_MS = 5;

export class Precedence {
  private asking = 0;
  private lastAsked = Number.NEGATIVE_INFINITY;

  /** Runs what a person waits for. */
  async first<T>(work: () => Promise<T>): Promise<T> {
    this.asking += 1;
    try {
      return await work();
    } finally {
      this.asking -= 1;
      this.lastAsked = performance.now();
    }
  }

  /** Resolves when nobody is asking, or after a moment; to be awaited before a write that takes long. */
  async giveWay(): Promise<void> {
    const deadline = performance.now() + GIVE_WAY_MS;
    while (this.isAsked() && performance.now() < deadline) await sleep(LOOK_EVERY_MS);
  }

  private isAsked(): boolean {
    return this.asking > 0 || performance.now() - this.lastAsked < PAUSE_MS;
  }
}
