// The worker thread that runs PGlite: frontend protocol messages in, backend messages out. It is a thread because the
// engine blocks whatever event loop it runs on, and because ending the thread is the only way to stop a query.
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { joined, wholeMessages } from './frames.js';

export interface WorkerOptions {
  readonly dataDirectory: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly initdbOptions: readonly string[];
  /** Makes the extension that checks indexes available. */
  readonly amcheck?: boolean;
}

/** `session` tells the clients apart, of which one follows another. */
export type ToWorker =
  | { readonly kind: 'frontend'; readonly session: number; readonly bytes: Uint8Array }
  | { readonly kind: 'close' };

export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'backend'; readonly session: number; readonly bytes: Uint8Array }
  /** The thread ends after it. */
  | { readonly kind: 'failed'; readonly reason: string };

const ROLLBACK = Buffer.from('Q\0\0\0\rROLLBACK\0', 'latin1');
/** Answers are posted in pieces of at least this many bytes, so that a large one is parsed while the rest is made. */
const ANSWER_BYTES = 1 << 18;

/** PostgreSQL's log lines that say what went wrong. */
const COMPLAINT = /^\d{4}-\S+ \S+ \S+ \[\d+\] (ERROR|FATAL|PANIC): +(.*)$/s;

let complaint: string | null = null;
let ready = false;

function logged(line: string): void {
  const [, severity, reason = ''] = COMPLAINT.exec(line) ?? [];
  if (severity === undefined) return;
  complaint = reason;
  // PostgreSQL would end its process here; PGlite swallows that, and whatever came next would hang or worse.
  if (ready && severity !== 'ERROR') fail(reason);
}

function fail(reason: string): never {
  if (parentPort) post(parentPort, { kind: 'failed', reason });
  process.exit(1);
}

async function open(options: WorkerOptions): Promise<PGlite> {
  const checks = options.amcheck ? await import('@electric-sql/pglite/contrib/amcheck') : {};
  return await PGlite.create(options.dataDirectory, {
    extensions: { vector, ...checks },
    initDbStartParams: [...options.initdbOptions],
    startParams: [
      ...PGlite.defaultStartParams,
      ...Object.entries(options.settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    onStderr: (line) => {
      logged(line);
      return true;
    },
  });
}

/**
 * Listens from the first moment: messages wait for the engine to open, and a thread that listens to nothing would stop
 * in between until V8 has optimised all of the engine in the background, half a second.
 */
async function serve(port: MessagePort, opening: Promise<PGlite>): Promise<void> {
  let work: Promise<unknown> = opening;
  let session = -1;
  let unread: Uint8Array = new Uint8Array(0);
  port.on('message', (message: ToWorker) => {
    work = work.then(() => handle(message)).catch((error: unknown) => fail(messageOf(error)));
  });

  async function handle(message: ToWorker): Promise<void> {
    const database = await opening;
    if (message.kind === 'close') {
      await database.close();
      process.exit();
    }
    if (message.session !== session) {
      session = message.session;
      unread = new Uint8Array(0);
      // A client that went away in the middle of a transaction must not leave it to the next one.
      if (database.isInTransaction()) await run(database, ROLLBACK, () => {});
    }
    const { whole, rest } = wholeMessages(unread, message.bytes);
    unread = rest;
    if (whole.length > 0) await answer(port, database, session, whole);
  }

  await opening;
  ready = true;
  post(port, { kind: 'ready' });
}

async function answer(port: MessagePort, database: PGlite, session: number, request: Uint8Array): Promise<void> {
  let pieces: Uint8Array[] = [];
  let size = 0;
  const flush = () => {
    if (size === 0) return;
    const bytes = joined(pieces);
    post(port, { kind: 'backend', session, bytes }, bytes);
    pieces = [];
    size = 0;
  };
  await run(database, request, (bytes) => {
    pieces.push(bytes.slice());
    size += bytes.length;
    if (size >= ANSWER_BYTES) flush();
  });
  flush();
}

function run(database: PGlite, request: Uint8Array, onRawData: (bytes: Uint8Array) => void): Promise<void> {
  return database.execProtocolRawStream(request, { syncToFs: false, onRawData });
}

function post(port: MessagePort, message: FromWorker, transfer?: Uint8Array<ArrayBuffer>): void {
  port.postMessage(message, transfer ? [transfer.buffer] : []);
}

/** The message only: PGlite hangs the parameters of the statement, which are people's source code, on its errors. */
function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

if (parentPort) {
  await serve(parentPort, open(workerData as WorkerOptions)).catch((error) => fail(complaint ?? messageOf(error)));
}
