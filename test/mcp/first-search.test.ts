// A first search of a repository that takes long to index: an answer in time, from what is indexed by then.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openCodebase } from '#src/app.js';
import { loadConfig } from '#src/config.js';
import { searchWithin } from '#src/mcp/first-search.js';
import type { Codebase } from '#src/service.js';
import { makeRepository, type TestRepository } from '../app/repository.js';

let directory: string;
let codebase: Codebase;
let large: TestRepository;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'codebase-mcp-test-'));
  const log = { CODEBASE_MCP_LOG_FILE: join(directory, 'log') };
  codebase = await openCodebase(loadConfig({ dataDir: join(directory, 'data') }, log), { holder: 'test' });
  const files = Array.from({ length: 600 }, (_, n) => [
    `file${n}.py`,
    `def parcel_${n}(grams):\n    return grams + ${n}\n`,
  ]);
  large = await makeRepository(Object.fromEntries(files));
});
afterAll(async () => {
  await codebase.close();
  await large.remove();
  await rm(directory, { recursive: true, force: true });
});

test('the answer comes while indexing goes on, and the next one is complete', async () => {
  const request = { query: 'weight of a parcel', repository: large.path };
  const call = { codebase, signal: new AbortController().signal, onProgress: () => {} };
  const early = await searchWithin(1, request, call);
  expect(early.indexed_now).toBeNull();
  expect(early.searched.files).toBeLessThan(600);
  expect(early.notes.join()).toContain('is being indexed');
  await codebase.index({ path: large.path });
  const complete = await searchWithin(1, request, call);
  expect(complete.searched.files).toBe(600);
  expect(complete.notes.join()).not.toContain('is being indexed');
});
