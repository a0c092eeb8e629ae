// Worker thread of the write flow: takes lists of files, returns them ready to be stored.
import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { openEmbedder } from '../embedding/open.js';
import { CodebaseError } from '../errors.js';
import { createChunker } from '../languages/chunker.js';
import { pipelineVersion } from './fingerprint.js';
import { prepare, type Tools } from './prepare.js';
import type { Outcome, Request, WorkerMessage, WorkerSettings } from './prepared.js';

const port = parentPort;
if (port === null) throw new Error('indexing/worker.js is started as a worker thread only');
const settings = workerData as WorkerSettings;

async function openTools(): Promise<Tools> {
  const [chunker, embedder] = await Promise.all([createChunker(), openEmbedder(settings.embedder)]);
  return { pipeline: pipelineVersion(embedder), chunker, embedder };
}

function post(message: WorkerMessage, transfer: readonly ArrayBuffer[] = []): void {
  port?.postMessage(message, transfer);
}

function buffers(outcomes: readonly Outcome[]): ArrayBuffer[] {
  return outcomes.flatMap((o) => (o.kind === 'ready' ? [o.file.vectors.buffer as ArrayBuffer] : []));
}

// Threads have priorities of their own on Linux: what a person waits for goes first where cores are few.
if (process.platform === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

const tools = openTools();

port.on('message', (request: Request) => {
  tools
    .then((opened) => prepare(request, opened, (path) => post({ type: 'began', path })))
    .then((outcomes) => post({ type: 'done', outcomes }, buffers(outcomes)))
    .catch((error: unknown) => {
      const code = error instanceof CodebaseError ? error.code : null;
      post({ type: 'fatal', code, message: error instanceof Error ? error.message : String(error) });
    });
});
