// The main thread's side of the PGlite worker: starts it, hands pg byte streams that end in it, and stops it for certain.
import { Duplex } from 'node:stream';
import { Worker } from 'node:worker_threads';
import { CodebaseError } from '../errors.js';
import type { FromWorker, ToWorker, WorkerOptions } from './pglite-worker.js';

export interface PGliteThread {
  /** A stream for pg's `stream` option. The engine has one session, so only one may be in use at a time. */
  connect(): Duplex;
  /** Close the database and end the thread; after `timeoutMs` the thread is ended whatever it is doing. */
  close(timeoutMs: number): Promise<void>;
}

/** Rejects with an ordinary Error whose message is PostgreSQL's reason when the database cannot be opened. */
export async function startPGlite(options: WorkerOptions): Promise<PGliteThread> {
  // PGlite prints on its own account; stdout belongs to the surfaces, so neither stream is passed on.
  const worker = new Worker(new URL('./pglite-worker.js', import.meta.url), {
    workerData: options,
    stdout: true,
    stderr: true,
  });
  worker.stdout.resume();
  worker.stderr.resume();
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  await started(worker);

  let session: Session | null = null;
  let gone: CodebaseError | null = null;
  const end = (reason: string) => {
    gone ??= new CodebaseError(
      'database_unavailable',
      `The embedded database stopped (${reason}); run the command again, what was committed is kept.`,
    );
    session?.destroy(gone);
  };
  worker.on('message', (message: FromWorker) => {
    if (message.kind === 'backend') session?.push(message.bytes);
    if (message.kind === 'failed') end(message.reason);
  });
  worker.on('error', (error) => end(error.message));
  worker.on('exit', () => end('its thread ended'));

  return {
    connect() {
      session = new Session(worker);
      if (gone) session.destroy(gone);
      return session;
    },
    async close(timeoutMs) {
      gone ??= new CodebaseError('cancelled', 'The database was closed before this query was done.');
      worker.postMessage({ kind: 'close' } satisfies ToWorker);
      await Promise.race([exited, delay(timeoutMs)]);
      await worker.terminate();
    },
  };
}

function started(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('message', (message: FromWorker) => {
      if (message.kind === 'ready') return resolve();
      void worker.terminate();
      reject(new Error(message.kind === 'failed' ? message.reason : `unexpected ${message.kind}`));
    });
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`its thread ended with ${code}`)));
  });
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

/** What pg takes for a socket. */
class Session extends Duplex {
  readonly #worker: Worker;

  constructor(worker: Worker) {
    super();
    this.#worker = worker;
  }

  connect(): this {
    process.nextTick(() => this.emit('connect'));
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
    done();
  }

  #send(chunks: readonly Buffer[]): void {
    const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
    let offset = 0;
    for (const chunk of chunks) {
      bytes.set(chunk, offset);
      offset += chunk.length;
    }
    this.#worker.postMessage({ kind: 'frontend', bytes } satisfies ToWorker, [bytes.buffer]);
  }
}
