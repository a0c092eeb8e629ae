// The worker thread that runs PGlite: frontend protocol messages in, backend messages out. It is a thread because the
// engine blocks whatever event loop it runs on, and because ending the thread is the only way to stop a query.
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { wholeMessages } from './frames.js';

export interface WorkerOptions {
  readonly dataDirectory: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly initdbOptions: readonly string[];
}

export type ToWorker = { readonly kind: 'frontend'; readonly bytes: Uint8Array } | { readonly kind: 'close' };

export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'backend'; readonly bytes: Uint8Array }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'closed' };

const ROLLBACK = Buffer.from('Q\0\0\0\rROLLBACK\0', 'latin1');
/** Answers are posted in pieces of at least this many bytes, so that a large one is parsed while the rest is made. */
const ANSWER_BYTES = 1 << 18;
const LOG_LINES = 5;

const log: string[] = [];

async function open(options: WorkerOptions): Promise<PGlite> {
  return await PGlite.create(options.dataDirectory, {
    extensions: { vector },
    initDbStartParams: [...options.initdbOptions],
    startParams: [
      ...PGlite.defaultStartParams,
      ...Object.entries(options.settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    onStderr: (line) => {
      log.push(line);
      if (log.length > LOG_LINES) log.shift();
      return true;
    },
  });
}

async function serve(port: MessagePort, database: PGlite): Promise<void> {
  let unread: Uint8Array = new Uint8Array(0);
  let work = Promise.resolve();

  async function handle(message: ToWorker): Promise<void> {
    if (message.kind === 'close') {
      await database.close();
      post(port, { kind: 'closed' });
      port.close();
      return;
    }
    const { whole, rest } = wholeMessages(unread, message.bytes);
    unread = rest;
    if (whole.length === 0) return;
    // A client that went away in the middle of a transaction must not leave it to the next one.
    if (whole[0] === 0 && database.isInTransaction())
      await database.execProtocolRawStream(ROLLBACK, { syncToFs: false, onRawData: () => {} });
    await answer(port, database, whole);
  }

  port.on('message', (message: ToWorker) => {
    work = work
      .then(() => handle(message))
      .catch((error: unknown) => post(port, { kind: 'failed', reason: reasonOf(error) }));
  });
  post(port, { kind: 'ready' });
}

async function answer(port: MessagePort, database: PGlite, request: Uint8Array): Promise<void> {
  let pieces: Uint8Array[] = [];
  let size = 0;
  const flush = () => {
    if (size === 0) return;
    const bytes = new Uint8Array(size);
    let offset = 0;
    for (const piece of pieces) {
      bytes.set(piece, offset);
      offset += piece.length;
    }
    post(port, { kind: 'backend', bytes }, bytes);
    pieces = [];
    size = 0;
  };
  await database.execProtocolRawStream(request, {
    syncToFs: false,
    onRawData: (bytes) => {
      pieces.push(bytes.slice());
      size += bytes.length;
      if (size >= ANSWER_BYTES) flush();
    },
  });
  flush();
}

function post(port: MessagePort, message: FromWorker, transfer?: Uint8Array<ArrayBuffer>): void {
  port.postMessage(message, transfer ? [transfer.buffer] : []);
}

/** What PostgreSQL logged last says more than the exception; neither holds query parameters. */
function reasonOf(error: unknown): string {
  const fatal = log.filter((line) => /\b(PANIC|FATAL|ERROR):/.test(line)).at(-1);
  return fatal?.replace(/^.*?(PANIC|FATAL|ERROR):\s*/, '') ?? (error instanceof Error ? error.message : String(error));
}

if (parentPort) {
  const port = parentPort;
  try {
    await serve(port, await open(workerData as WorkerOptions));
  } catch (error) {
    post(port, { kind: 'failed', reason: reasonOf(error) });
  }
}
