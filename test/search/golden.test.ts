import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openCodebase } from '#src/app.js';
import { loadConfig } from '#src/config.js';
import type { Codebase } from '#src/service.js';
import {
  type Asked,
  ask,
  indexTrees,
  quality,
  readPlaces,
  readQuestions,
  worse,
} from '../../bench/relevance/golden/golden.js';

let directory: string;
let codebase: Codebase;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'codebase-mcp-golden-'));
  codebase = await openCodebase(loadConfig({ dataDir: join(directory, 'data') }, {}), { holder: 'golden test' });
  await indexTrees(codebase, join(directory, 'trees'));
});
afterAll(async () => {
  await codebase?.close();
  await rm(directory, { recursive: true, force: true });
});

test('answers to the golden questions are as good as they were; `npm run bench -- relevance golden` writes down better ones', async () => {
  const asked: Asked[] = [];
  for (const question of await readQuestions()) asked.push(await ask(codebase, question));
  const got = worse(await readPlaces(), asked);
  if (got.length > 0)
    process.stderr.write(`${got.length} questions are answered lower than before:\n${got.join('\n')}\n`);
  const { ndcg, mrr, recall } = quality(asked);
  process.stderr.write(`NDCG@10 ${ndcg.toFixed(3)}, MRR ${mrr.toFixed(3)}, recall@10 ${recall[10].toFixed(3)}\n`);
  expect(asked.length).toBeGreaterThanOrEqual(150);
  expect(ndcg).toBeGreaterThan(0.84);
  expect(mrr).toBeGreaterThan(0.8);
  expect(recall[5]).toBeGreaterThan(0.92);
  expect(recall[10]).toBeGreaterThan(0.97);
});

test('questions in other words than the code’s: most find an answer among the first ten files', async () => {
  const asked: Asked[] = [];
  for (const question of await readQuestions())
    if (question.kind === 'synonym') asked.push(await ask(codebase, question));
  expect(asked.length).toBeGreaterThan(10);
  expect(quality(asked).recall[10]).toBeGreaterThan(0.8);
});

test('what was taken for a typing error is said', async () => {
  const { notes } = await codebase.search({ query: 'DeleteQueryBulder', project: 'kysely' });
  expect(notes).toEqual(['Nothing here is called “bulder”: searched for “builder” instead.']);
});

test.each(['symbol', 'spelling', 'path', 'message', 'language', 'phrase', 'trace'])(
  'questions of the kind "%s" find an answer among the first ten files',
  async (kind) => {
    for (const question of (await readQuestions()).filter((each) => each.kind === kind)) {
      const { found } = await ask(codebase, question);
      expect(
        question.files.some((file) => found.includes(file)),
        `${question.query}: ${found.join(', ')}`,
      ).toBe(true);
    }
  },
);
