// A first search of a repository that takes long to index: an answer in time, from what is indexed by then.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openCodebase } from '#src/app.js';
import { loadConfig } from '#src/config.js';
import { searchWithin } from '#src/mcp/tools/first-search.js';
import type { Codebase } from '#src/service.js';
import { makeRepository, type TestRepository } from '../app/repository.js';
import { type HeldEmbedder, heldEmbedder } from './held-embedder.js';

let directory: string;
let codebase: Codebase;
let repository: TestRepository;
let embedder: HeldEmbedder;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'codebase-mcp-test-'));
  embedder = await heldEmbedder();
  const environment = { CODEBASE_MCP_LOG_FILE: join(directory, 'log'), OLLAMA_BASE_URL: embedder.url };
  const config = loadConfig({ dataDir: join(directory, 'data'), embedder: 'ollama' }, environment);
  codebase = await openCodebase(config, { holder: 'test' });
  repository = await makeRepository({ 'parcel.py': 'def weight(parcel):\n    return parcel.grams\n' });
});
afterAll(async () => {
  await codebase.close();
  embedder.close();
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
  embedder.release();
  await codebase.index({ path: repository.path });
  const complete = await searchWithin(1, request, call);
  expect(complete.searched.files).toBe(1);
  expect(complete.notes.join()).not.toContain('is being indexed');
});
