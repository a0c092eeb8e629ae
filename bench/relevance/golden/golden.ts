// Our own golden set: questions about well-known packages and the files that answer them, asked of the product itself.
// It runs in CI (test/search/golden.test.ts), and nothing is tuned on it.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Codebase } from '#src/service.js';
import { ndcg } from '../ndcg.js';
import { copyTrees, TREE_NAMES } from './corpus.js';

const DIRECTORY = 'bench/relevance/golden';
const DEPTH = 10;

const Question = z.object({ tree: z.string(), kind: z.string(), query: z.string(), files: z.array(z.string()) });
export type GoldenQuestion = z.infer<typeof Question>;

/** Question → place of the first answer, from 1; 0 when it is not among the first ten. */
const Places = z.record(z.string(), z.int());
export type Places = z.infer<typeof Places>;

export interface Asked {
  readonly question: GoldenQuestion;
  /** Paths found, best first. */
  readonly found: readonly string[];
}

export interface Quality {
  readonly questions: number;
  readonly ndcg: number;
  /** Mean reciprocal rank of the first answer. */
  readonly mrr: number;
  /** Share of questions with an answer among the first 1, 5, 10 files. */
  readonly recall: Readonly<Record<1 | 5 | 10, number>>;
}

export async function readQuestions(): Promise<readonly GoldenQuestion[]> {
  return z.array(Question).parse(JSON.parse(await readFile(join(DIRECTORY, 'questions.json'), 'utf8')));
}

export const PLACES_FILE = join(DIRECTORY, 'places.json');

/** Places when they were last written down. */
export async function readPlaces(): Promise<Places> {
  return Places.parse(JSON.parse(await readFile(PLACES_FILE, 'utf8')));
}

/** Copies the trees to `directory` and indexes each as a project of its own. */
export async function indexTrees(codebase: Codebase, directory: string): Promise<void> {
  await copyTrees(directory);
  for (const tree of TREE_NAMES) await codebase.index({ path: join(directory, tree), project: tree });
}

export async function ask(codebase: Codebase, question: GoldenQuestion, maxTokens = 100_000): Promise<Asked> {
  const { query, tree } = question;
  const { results } = await codebase.search({ query, project: tree, limit: DEPTH, max_tokens: maxTokens });
  return { question, found: results.map(({ path }) => path) };
}

export function quality(asked: readonly Asked[]): Quality {
  const mean = (value: (each: Asked) => number) => asked.reduce((sum, each) => sum + value(each), 0) / asked.length;
  const within = (depth: number) => mean((each) => (place(each) > 0 && place(each) <= depth ? 1 : 0));
  return {
    questions: asked.length,
    ndcg: mean(({ question, found }) =>
      ndcg(
        found.map((path) => question.files.indexOf(path)),
        question.files.length,
      ),
    ),
    mrr: mean((each) => (place(each) > 0 ? 1 / place(each) : 0)),
    recall: { 1: within(1), 5: within(5), 10: within(10) },
  };
}

export function placesOf(asked: readonly Asked[]): Places {
  return Object.fromEntries(asked.map((each) => [key(each.question), place(each)]));
}

/** One line for every question whose first answer stands lower than it did. */
export function worse(before: Places, asked: readonly Asked[]): readonly string[] {
  return asked.flatMap((each) => {
    const was = before[key(each.question)] ?? 0;
    const is = place(each);
    if (was === 0 || (is > 0 && is <= was)) return [];
    const wanted = each.question.files.join(' or ');
    return [`${key(each.question)}: ${wanted} at ${is || 'none'}, was ${was}; first is ${each.found[0] ?? 'nothing'}`];
  });
}

function place({ question, found }: Asked): number {
  return found.findIndex((path) => question.files.includes(path)) + 1;
}

function key({ tree, query }: GoldenQuestion): string {
  return `${tree}: ${query}`;
}
