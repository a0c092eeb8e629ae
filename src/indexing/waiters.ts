// Who waits for a job: it is abandoned when the last one stops waiting, unless it was started to go on by itself.
import { CodebaseError } from '../errors.js';

export class Waiters {
  private readonly root: string;
  private readonly abandon: () => void;
  private count = 0;
  private kept = false;

  /** `abandon` ends the job, or the interest in it. */
  constructor(root: string, abandon: () => void) {
    this.root = root;
    this.abandon = abandon;
  }

  keep(): void {
    this.kept = true;
  }

  /** `done`, or a `cancelled` error when the signal is aborted before. */
  async wait<T>(done: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    this.count += 1;
    try {
      const first = await Promise.race([done, aborted(signal)]);
      if (first !== ABORTED) return first;
    } finally {
      this.count -= 1;
    }
    if (this.count > 0 || this.kept) throw goesOn(this.root);
    this.abandon();
    return await done;
  }
}

const ABORTED = Symbol('aborted');

function aborted(signal: AbortSignal | undefined): Promise<typeof ABORTED> {
  return new Promise((resolve) => {
    if (signal?.aborted) resolve(ABORTED);
    signal?.addEventListener('abort', () => resolve(ABORTED), { once: true });
  });
}

/** What whoever stops waiting is told while the job does not stop. */
export function goesOn(root: string): CodebaseError {
  return new CodebaseError(
    'cancelled',
    `Indexing ${root} goes on, because others asked for it too; codebase-mcp status shows how far it is.`,
  );
}
