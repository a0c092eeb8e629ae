// The main thread's side of the PGlite worker: starts it, hands pg byte streams that end in it, and stops it for certain.
import { Duplex } from 'node:stream';
import { Worker } from 'node:worker_threads';
import { CodebaseError } from '../errors.js';
import { joined } from './frames.js';
import type { FromWorker, ToWorker, WorkerOptions } from './pglite-worker.js';
import { describeEngineReason } from './sqlstates.js';

/** How long after the end of a thread what it held can be freed. */
const SETTLED_MS = 3000;

/**
 * PGlite in a thread. The thread ends with the connection, which gives its memory back, and the next connection starts
 * another. When it dies, the query under way is rejected: what was committed is on the disk.
 */
export class PGliteThread {
  readonly #options: WorkerOptions;
  #worker: Worker | null = null;
  /** The last thread, and its end: two must never be in one directory. */
  #last: Worker | null = null;
  #exited: Promise<void> = Promise.resolve();
  #session: Session | null = null;
  #sessions = 0;

  private constructor(options: WorkerOptions) {
    this.#options = options;
  }

  /** Rejects with PostgreSQL's reason as the message of an ordinary Error when the database cannot be opened. */
  static async start(options: WorkerOptions): Promise<PGliteThread> {
    const thread = new PGliteThread(options);
    const worker = await thread.#start();
    await new Promise<void>((resolve, reject) => {
      worker.once('message', (message: FromWorker) =>
        message.kind === 'failed' ? reject(new Error(message.reason)) : resolve(),
      );
      worker.once('error', reject);
      worker.once('exit', () => reject(new Error('its thread ended')));
    });
    return thread;
  }

  /** A stream for pg's `stream` option. The engine has one session, so only one may be in use at a time. */
  connect(): Duplex {
    this.#sessions += 1;
    this.#session = new Session(this.#sessions, this.#start(), () => {
      this.#rest();
      void this.#exited.then(() => setTimeout(collectGarbage, SETTLED_MS).unref());
    });
    return this.#session;
  }

  /** Closes the database and ends the thread; after `timeoutMs` the thread is ended whatever it is doing. */
  async close(timeoutMs: number): Promise<void> {
    this.#rest();
    await Promise.race([this.#exited, new Promise((resolve) => setTimeout(resolve, timeoutMs).unref())]);
    this.#end(new CodebaseError('cancelled', 'The database was closed before this query was done.'));
    await this.#last?.terminate();
  }

  #rest(): void {
    this.#worker?.postMessage({ kind: 'close' } satisfies ToWorker);
    this.#worker = null;
  }

  async #start(): Promise<Worker> {
    if (this.#worker === null) await this.#exited;
    return this.#worker ?? this.#spawn();
  }

  #spawn(): Worker {
    // PGlite prints on its own account; stdout belongs to the surfaces, so neither stream is passed on.
    const worker = new Worker(new URL('./pglite-worker.js', import.meta.url), {
      workerData: this.#options,
      execArgv: [],
      stdout: true,
      stderr: true,
    });
    worker.stdout.resume();
    worker.stderr.resume();
    const died = (reason: string) => {
      if (this.#worker === worker) this.#end(stopped(reason, this.#options.dataDirectory));
    };
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'backend' && message.session === this.#session?.number) this.#session.push(message.bytes);
      if (message.kind === 'failed') died(message.reason);
    });
    worker.on('error', (error) => died(error.message));
    worker.on('exit', () => died('its thread ended'));
    this.#worker = this.#last = worker;
    this.#exited = new Promise((resolve) => worker.once('exit', () => resolve()));
    return worker;
  }

  #end(reason: CodebaseError): void {
    this.#worker = null;
    this.#session?.destroy(reason);
    this.#session = null;
  }
}

/** In a process that was started with --expose-gc: one at rest would not do it by itself. */
function collectGarbage(): void {
  globalThis.gc?.();
}

function stopped(reason: string, directory: string): CodebaseError {
  return (
    describeEngineReason(reason, `"${directory}"`) ??
    new CodebaseError(
      'database_unavailable',
      `The embedded database in "${directory}" stopped (${reason}); run the command again, what was committed is kept.`,
    )
  );
}

/** What pg takes for a socket. */
class Session extends Duplex {
  readonly number: number;
  readonly #starting: Promise<Worker>;
  readonly #onEnd: () => void;
  #worker: Worker | undefined;

  constructor(number: number, starting: Promise<Worker>, onEnd: () => void) {
    super();
    this.number = number;
    this.#starting = starting;
    this.#onEnd = onEnd;
  }

  connect(): this {
    const connected = (worker: Worker) => {
      this.#worker = worker;
      this.emit('connect');
    };
    this.#starting.then(connected, (error) => this.destroy(error));
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#send([chunk]);
    done();
  }

  // pg corks the stream while it writes the messages of one query: they travel, and are executed, together.
  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.#send(chunks.map(({ chunk }) => chunk));
    done();
  }

  override _final(done: () => void): void {
    this.push(null);
    this.#onEnd();
    done();
  }

  #send(chunks: readonly Buffer[]): void {
    const bytes = joined(chunks);
    this.#worker?.postMessage({ kind: 'frontend', session: this.number, bytes } satisfies ToWorker, [bytes.buffer]);
  }
}
