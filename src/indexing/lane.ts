// A lane: one worker thread and the list of files it has in hand. When the worker hangs or dies, the file it was at is
// set aside with the reason, a new worker takes its place, and the rest of the list goes on.
import { Worker } from 'node:worker_threads';
import { CodebaseError } from '../errors.js';
import type { Candidate, Outcome, Request, WorkerMessage, WorkerSettings } from './prepared.js';

/** V8 heap of one worker; grammars and the model live outside it. */
const HEAP_LIMIT_MB = 512;

export interface LaneOptions {
  readonly embedder: WorkerSettings['embedder'];
  /** How long a worker may be silent on one file, in milliseconds. */
  readonly silenceLimitMs: number;
  /** After so long it is told which file it is silent on. */
  readonly stallMs: number;
}

/** Told of a file that takes unusually long. */
export type OnStall = (path: string) => void;

/** Why a worker was given up: the file in hand is blamed, unless none was begun. */
interface Breakdown {
  readonly path: string | null;
  readonly message: string;
}

export class Lane {
  private worker: Worker | undefined;
  private closings = 0;
  private readonly options: LaneOptions;

  constructor(options: LaneOptions) {
    this.options = options;
  }

  /** Outcomes of all candidates, in any order. Rejects only for what concerns every file (the embedder, the worker itself). */
  async prepare(root: string, candidates: readonly Candidate[], onStall: OnStall): Promise<readonly Outcome[]> {
    const outcomes: Outcome[] = [];
    const { closings } = this;
    let rest = candidates;
    while (rest.length > 0) {
      const answer = await this.attempt({ root, candidates: rest }, onStall);
      if (!('message' in answer)) return [...outcomes, ...answer];
      const { path, message } = answer;
      if (path === null || closings !== this.closings) throw new Error(message);
      outcomes.push({ kind: 'failed', path, message });
      rest = rest.filter((candidate) => candidate.path !== path);
    }
    return outcomes;
  }

  /** Ends the worker and what it had in hand; the lane itself can be used again, with another worker. */
  async close(): Promise<void> {
    this.closings++;
    await this.discard();
  }

  private async discard(): Promise<void> {
    const worker = this.worker;
    this.worker = undefined;
    await worker?.terminate();
  }

  private attempt(request: Request, onStall: OnStall): Promise<readonly Outcome[] | Breakdown> {
    const worker = this.start();
    return new Promise((resolve, reject) => {
      let current: string | null = null;
      const limit = this.options.silenceLimitMs;
      const giveUp = (message: string): void => {
        settle();
        void this.discard().then(() => resolve({ path: current, message }));
      };
      const timer = setTimeout(() => giveUp(`not finished after ${limit / 1000} s`), limit);
      const stall = setTimeout(() => current !== null && onStall(current), this.options.stallMs);
      const onError = (error: Error): void => giveUp(error.message);
      const onExit = (): void => giveUp('the worker thread ended');
      const onMessage = (message: WorkerMessage): void => {
        timer.refresh();
        stall.refresh();
        if (message.type === 'began') {
          current = message.path;
          return;
        }
        settle();
        if (message.type === 'done') resolve(message.outcomes);
        else
          reject(message.code === null ? new Error(message.message) : new CodebaseError(message.code, message.message));
      };
      const settle = (): void => {
        clearTimeout(timer);
        clearTimeout(stall);
        worker.unref(); // a worker that waits keeps no process alive
        worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      };
      worker.on('message', onMessage).on('error', onError).on('exit', onExit);
      worker.ref();
      worker.postMessage(request);
    });
  }

  private start(): Worker {
    this.worker ??= new Worker(new URL('./worker.js', import.meta.url), {
      workerData: { embedder: this.options.embedder } satisfies WorkerSettings,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_LIMIT_MB },
    });
    return this.worker;
  }
}
