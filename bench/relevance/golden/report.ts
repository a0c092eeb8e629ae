// `npm run bench -- relevance golden`: the golden set by kind of question, recall within token budgets, and what got worse.
// Writes the places down anew, for the test to compare with.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openCodebase } from '#src/app.js';
import type { Codebase } from '#src/service.js';
import { printTable } from '../../table.js';
import { type Options, withIndex } from '../options.js';
import {
  type Asked,
  ask,
  indexTrees,
  PLACES_FILE,
  placesOf,
  quality,
  readPlaces,
  readQuestions,
  worse,
} from './golden.js';

const TOKEN_BUDGETS = [500, 1000, 2000, 4000, 8000];

export async function golden(options: Options): Promise<void> {
  await withIndex(options, async (config) => {
    const codebase = await openCodebase(config, { holder: 'bench relevance' });
    try {
      await indexTrees(codebase, join(config.dataDirectory, '..', 'trees'));
      await report(codebase);
    } finally {
      await codebase.close();
    }
  });
}

async function report(codebase: Codebase): Promise<void> {
  const asked: Asked[] = [];
  for (const question of await readQuestions()) asked.push(await ask(codebase, question));
  const before = await readPlaces();
  console.log(worse(before, asked).join('\n'));
  const kinds = [...new Set(asked.map(({ question }) => question.kind))];
  printTable(
    'Golden set',
    ['kind', 'questions', 'NDCG@10', 'MRR', 'recall@1', '@5', '@10'],
    [
      row('all', asked),
      ...kinds.map((kind) =>
        row(
          kind,
          asked.filter(({ question }) => question.kind === kind),
        ),
      ),
    ],
  );
  const budgets: string[][] = [];
  for (const tokens of TOKEN_BUDGETS) {
    const within: Asked[] = [];
    for (const { question } of asked) within.push(await ask(codebase, question, tokens));
    budgets.push([String(tokens), quality(within).recall[10].toFixed(3)]);
  }
  printTable('Golden set: an answer within so many tokens', ['tokens', 'recall'], budgets);
  await writeFile(PLACES_FILE, `${JSON.stringify(placesOf(asked), null, 2)}\n`);
}

function row(name: string, asked: readonly Asked[]): string[] {
  const { questions, ndcg, mrr, recall } = quality(asked);
  return [name, String(questions), ...[ndcg, mrr, recall[1], recall[5], recall[10]].map((value) => value.toFixed(3))];
}
