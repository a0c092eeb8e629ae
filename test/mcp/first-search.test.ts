// A first search of a repository that takes long to index: an answer in time, from what is indexed by then.

import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openCodebase } from '#src/app.js';
import { loadConfig } from '#src/config.js';
import { searchWithin } from '#src/mcp/tools/first-search.js';
import type { Codebase } from '#src/service.js';
import { makeRepository, type TestRepository } from '../app/repository.js';

let directory: string;
let codebase: Codebase;
let repository: TestRepository;
let ollama: Server;
/** Called once the server may answer what it was asked to embed. */
let release: () => void;

/** Speaks Ollama's protocol; embeds questions at once, and documents when it is released. */
async function startOllama(): Promise<string> {
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  ollama = createServer(async (request, response) => {
    const { input } = JSON.parse(await text(request)) as { input: string[] };
    if (input.some((each) => each.startsWith('search_document'))) await released;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ embeddings: input.map((each) => [each.length, 1, 0, 0]) }));
  });
  await new Promise<void>((resolve) => ollama.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(ollama.address() as AddressInfo).port}`;
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'codebase-mcp-test-'));
  const environment = { CODEBASE_MCP_LOG_FILE: join(directory, 'log'), OLLAMA_BASE_URL: await startOllama() };
  const config = loadConfig({ dataDir: join(directory, 'data'), embedder: 'ollama' }, environment);
  codebase = await openCodebase(config, { holder: 'test' });
  repository = await makeRepository({ 'parcel.py': 'def weight(parcel):\n    return parcel.grams\n' });
});
afterAll(async () => {
  await codebase.close();
  ollama.closeAllConnections();
  ollama.close();
  await repository.remove();
  await rm(directory, { recursive: true, force: true });
});

test('the answer comes while indexing goes on, and the next one is complete', async () => {
  const request = { query: 'weight of a parcel', repository: repository.path };
  const call = { codebase, signal: new AbortController().signal, onProgress: () => {} };
  const early = await searchWithin(1, request, call);
  expect(early.indexed_now).toBeNull();
  expect(early.searched.files).toBe(0);
  expect(early.notes.join()).toContain('is being indexed');
  release();
  await codebase.index({ path: repository.path });
  const complete = await searchWithin(1, request, call);
  expect(complete.searched.files).toBe(1);
  expect(complete.notes.join()).not.toContain('is being indexed');
});
