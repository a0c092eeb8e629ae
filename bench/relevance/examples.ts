// The benchmark's questions as the ranker sees them, in memory: their candidates' signals, scaled and ready to be weighed.
import { readFile } from 'node:fs/promises';
import { scales } from '#src/search/rank.js';
import { SIGNAL_NAMES } from '#src/search/signals.js';
import { WEIGHTS } from '#src/search/weights.js';
import type { QuestionFeatures } from './features.js';
import { ndcg } from './ndcg.js';
import { dot, type Lesson } from './softmax.js';

/** Candidates per question that are learned from, beside the answers: the best by the present weights. */
const RIVALS = 60;

/** Paths are ranked with the weights of symbols: the benchmark asks for none. */
export type Group = 'question' | 'symbol';
export type Table = Readonly<Record<Group, Float64Array>>;

export interface Example {
  readonly features: QuestionFeatures;
  readonly group: Group;
  /** One row of scaled signals per candidate. */
  readonly x: readonly Float64Array[];
  /** What is learned from; null where no candidate is an answer. */
  readonly lesson: Lesson | null;
}

/** What `features` wrote. */
export async function readExamples(path: string): Promise<readonly Example[]> {
  const text = await readFile(path, 'utf8');
  return text.split('\n').map((line) => example(JSON.parse(line) as QuestionFeatures));
}

function example(features: QuestionFeatures): Example {
  const scale = scales(features.files);
  const x = features.files.map(({ signals }) => Float64Array.from(SIGNAL_NAMES, (name) => signals[name] * scale[name]));
  const group = features.kind === 'question' ? 'question' : 'symbol';
  const weights = presentWeights()[group];
  const order = [...x.keys()].sort((a, b) => dot(x[b] as Float64Array, weights) - dot(x[a] as Float64Array, weights));
  const chosen = order.filter((file, rank) => rank < RIVALS || isAnswer(features, file));
  const answers = [...chosen.keys()].filter((row) => isAnswer(features, chosen[row] as number));
  const lesson = answers.length === 0 ? null : { x: chosen.map((file) => x[file] as Float64Array), answers };
  return { features, group, x, lesson };
}

function isAnswer(features: QuestionFeatures, file: number): boolean {
  return (features.files[file]?.target ?? -1) >= 0;
}

export function presentWeights(): Table {
  const row = (group: Group) => Float64Array.from(SIGNAL_NAMES, (name) => WEIGHTS[group][name]);
  return { question: row('question'), symbol: row('symbol') };
}

export function score({ features, group, x }: Example, table: Table): number {
  const order = features.files.map(({ path, target }, i) => ({
    path,
    target,
    score: dot(x[i] as Float64Array, table[group]),
  }));
  order.sort((a, b) => b.score - a.score || (a.path < b.path ? -1 : 1));
  return ndcg(
    order.map(({ target }) => target),
    features.targets,
  );
}

export type Aggregate = (value: (example: Example) => number) => number;

/** The headline (mean over repositories of their means) and the means of each category and language. */
export function groupsOf(examples: readonly Example[]): readonly (readonly [string, Aggregate])[] {
  const by = (key: (features: QuestionFeatures) => string) =>
    [...grouped(examples, ({ features }) => key(features))].sort(([a], [b]) => (a < b ? -1 : 1));
  const repositories = by(({ repository }) => repository);
  const overall: Aggregate = (value) => mean(repositories.map(([, own]) => mean(own.map(value))));
  const rows = [...by(({ category }) => category), ...by(({ language }) => language)];
  return [['all', overall], ...rows.map(([name, own]): [string, Aggregate] => [name, (value) => mean(own.map(value))])];
}

function grouped<T>(values: readonly T[], key: (value: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const group = groups.get(key(value));
    if (group === undefined) groups.set(key(value), [value]);
    else group.push(value);
  }
  return groups;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
