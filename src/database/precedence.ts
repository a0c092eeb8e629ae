// Questions before writes: the embedded engine has one session, and a search asks it a dozen times in a row, which would wait
// for a batch of files each time.
import { setTimeout as sleep } from 'node:timers/promises';

/** How long a batch gives way at most: indexing goes on however many questions there are. */
const GIVE_WAY_MS = 250;
/** A search between two of its questions is not over yet. */
const BREATH_MS = 5;

export class Precedence {
  private asking = 0;

  /** Runs what a person waits for. */
  async first<T>(work: () => Promise<T>): Promise<T> {
    this.asking += 1;
    try {
      return await work();
    } finally {
      this.asking -= 1;
    }
  }

  /** Resolves when nobody is asking, or after a moment; to be awaited before a write that takes long. */
  async giveWay(): Promise<void> {
    const deadline = performance.now() + GIVE_WAY_MS;
    while (this.asking > 0 && performance.now() < deadline) await sleep(BREATH_MS);
  }
}
