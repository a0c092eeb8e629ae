// The lanes of a process: as many as there are cores to spare, shared by all runs, and kept warm for a while, because a
// thread that has to load parser, grammars and model first takes longer than a changed file.
import { availableParallelism } from 'node:os';
import type { Config } from '../config.js';
import { Lane, type OnStall } from './lane.js';
import type { Candidate, Outcome } from './prepared.js';

/** A worker that says nothing for so long on one file has hung: the parser's own limits end sooner. */
const SILENCE_LIMIT_MS = { static: 30_000, model2vec: 60_000, ollama: 600_000 } as const;
/** Most files take milliseconds, and a batch sent to a busy Ollama a minute. */
const STALL_MS = { static: 5_000, model2vec: 20_000, ollama: 120_000 } as const;

/** More would wait for the database, and each takes some 100 MB. */
const MAX_LANES = 4;

/** How long lanes are kept when nothing is indexed. */
const KEEP_MS = 300_000;

export class Lanes {
  /** How many lists of files can be in hand at once; the database's thread needs a core of its own. */
  readonly count = Math.min(MAX_LANES, Math.max(1, availableParallelism() - 1));
  private readonly embedder: Config['embedder'];
  private readonly idle: Lane[] = [];
  private readonly busy = new Set<Lane>();
  private readonly waiting: ((lane: Lane) => void)[] = [];
  private letGo: NodeJS.Timeout | undefined;

  constructor(embedder: Config['embedder']) {
    this.embedder = embedder;
  }

  /**
   * Outcomes of all candidates, in any order. Rejects for what concerns every file (the embedder, the worker itself), and
   * with the signal's reason as soon as it is aborted.
   */
  async prepare(
    root: string,
    candidates: readonly Candidate[],
    signal: AbortSignal,
    onStall: OnStall,
  ): Promise<readonly Outcome[]> {
    const lane = await this.take();
    try {
      signal.throwIfAborted();
      return await untilAborted(lane.prepare(root, candidates, onStall), signal);
    } catch (error) {
      await lane.close(); // its worker may be in the middle of a file
      throw error;
    } finally {
      this.release(lane);
    }
  }

  /** Ends all threads; what they had in hand is rejected. */
  async close(): Promise<void> {
    clearTimeout(this.letGo);
    await Promise.all([...this.idle.splice(0), ...this.busy].map((lane) => lane.close()));
  }

  private async take(): Promise<Lane> {
    clearTimeout(this.letGo);
    const free =
      this.busy.size < this.count
        ? (this.idle.pop() ??
          new Lane({
            embedder: this.embedder,
            silenceLimitMs: SILENCE_LIMIT_MS[this.embedder.provider],
            stallMs: STALL_MS[this.embedder.provider],
          }))
        : await new Promise<Lane>((resolve) => this.waiting.push(resolve));
    this.busy.add(free);
    return free;
  }

  private release(lane: Lane): void {
    const next = this.waiting.shift();
    if (next !== undefined) {
      next(lane);
      return;
    }
    this.busy.delete(lane);
    this.idle.push(lane);
    if (this.busy.size === 0) this.letGo = setTimeout(() => void this.close(), KEEP_MS).unref();
  }
}

/** Wait for a promise no longer than until the signal is aborted; what it was waiting for is ended by the caller. */
async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop);
    promise.catch(() => {});
  }
}
