// Learns the ranker's weights from what `features` wrote, and says what they are worth on repositories they were not
// learned from. Prints the tables of src/search/weights.ts; nothing is tuned by hand against single questions.
import { readFile } from 'node:fs/promises';
import { ROLE_NAMES } from '#src/search/path-kind.js';
import { scales } from '#src/search/rank.js';
import { SIGNAL_NAMES, type SignalName } from '#src/search/signals.js';
import { WEIGHTS } from '#src/search/weights.js';
import { printTable } from '../table.js';
import type { QuestionFeatures } from './features.js';
import { ndcg } from './ndcg.js';
import type { Options } from './options.js';
import { dot, fitSoftmax, type Lesson } from './softmax.js';

/** How many times the repositories are cut into two halves, each half judged with the weights of the other. */
const SPLITS = 6;
const SEED = 7;
/** Pull towards PRIOR for the weights of all questions, and towards those for the weights of one kind. */
const PULL = 0.003;
const KIND_PULL = { question: 0.003, symbol: 0.015 } as const;
/** Roles that the benchmark's repositories hardly have: weights that stay where they are unless something speaks against it. */
const PRIOR: Partial<Record<SignalName, number>> = { example: -1, vendored: -0.7, generated: -0.7, declaration: -0.3 };
/** Signals that may speak for a file or against it; all others are evidence, and evidence never counts against. */
const EITHER_WAY: ReadonlySet<SignalName> = new Set<SignalName>(['log_chunks', 'depth', ...ROLE_NAMES]);
/** Candidates per question that are learned from, beside the answers: the best by the present weights. */
const RIVALS = 60;

/** Paths are ranked with the weights of symbols: the benchmark asks for none. */
type Group = keyof typeof KIND_PULL;
type Table = Readonly<Record<Group, Float64Array>>;

interface Example {
  readonly features: QuestionFeatures;
  readonly group: Group;
  /** One row of scaled signals per candidate. */
  readonly x: readonly Float64Array[];
  /** What is learned from; null where no candidate is an answer. */
  readonly lesson: Lesson | null;
}

export async function fitWeights(options: Options): Promise<void> {
  const text = await readFile(options.features, 'utf8');
  const examples = text.split('\n').map((line) => example(JSON.parse(line) as QuestionFeatures));
  const heldOut = crossValidate(examples);
  const fitted = learn(examples);
  const present = presentWeights();
  const columns: [string, (example: Example) => number][] = [
    ['present weights', (each) => score(each, present)],
    ['fitted, other half', (each) => heldOut.get(each) ?? 0],
    ['fitted, same', (each) => score(each, fitted)],
  ];
  const groups = groupsOf(examples);
  printTable(
    `NDCG@10 over ${examples.length} questions`,
    ['', ...columns.map(([name]) => name)],
    groups.map(([name, of]) => [name, ...columns.map(([, value]) => of(value).toFixed(3))]),
  );
  printWeights(fitted);
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

function presentWeights(): Table {
  const row = (group: Group) => Float64Array.from(SIGNAL_NAMES, (name) => WEIGHTS[group][name]);
  return { question: row('question'), symbol: row('symbol') };
}

function learn(examples: readonly Example[]): Table {
  const lessons = (group?: Group) =>
    examples.flatMap((each) => (each.lesson !== null && (group ?? each.group) === each.group ? [each.lesson] : []));
  const prior = Float64Array.from(SIGNAL_NAMES, (name) => PRIOR[name] ?? 0);
  const shared = fitEvidence(lessons(), prior, PULL);
  const of = (group: Group) => fitEvidence(lessons(group), shared, KIND_PULL[group]);
  return { question: of('question'), symbol: of('symbol') };
}

/** Fits, and leaves out evidence that would count against a file until none does. */
function fitEvidence(lessons: readonly Lesson[], center: Float64Array, pull: number): Float64Array {
  const weights = fitSoftmax(lessons, center, pull);
  const wrong = SIGNAL_NAMES.map((name, k) => !EITHER_WAY.has(name) && (weights[k] ?? 0) < 0);
  if (!wrong.includes(true)) return weights;
  const keep = (row: Float64Array) => row.map((value, k) => (wrong[k] ? 0 : value));
  const without = lessons.map(({ x, answers }) => ({ x: x.map(keep), answers }));
  return fitEvidence(without, keep(center), pull);
}

/** Mean score of each example under weights learned from repositories that do not include its own. */
function crossValidate(examples: readonly Example[]): ReadonlyMap<Example, number> {
  const names = [...new Set(examples.map(({ features }) => features.repository))];
  const random = generator(SEED);
  const sums = new Map<Example, number>();
  for (let split = 0; split < SPLITS; split++) {
    const shuffled = names.map((name) => ({ name, key: random() })).sort((a, b) => a.key - b.key);
    const half = new Set(shuffled.slice(0, names.length / 2).map(({ name }) => name));
    for (const side of [true, false]) {
      const weights = learn(examples.filter(({ features }) => half.has(features.repository) === side));
      for (const each of examples.filter(({ features }) => half.has(features.repository) !== side)) {
        sums.set(each, (sums.get(each) ?? 0) + score(each, weights) / SPLITS);
      }
    }
  }
  return sums;
}

function score({ features, group, x }: Example, table: Table): number {
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

type Aggregate = (value: (example: Example) => number) => number;

/** The headline (mean over repositories of their means) and the means of each category and language. */
function groupsOf(examples: readonly Example[]): readonly (readonly [string, Aggregate])[] {
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

function printWeights(table: Table): void {
  for (const group of ['question', 'symbol'] as const) {
    console.log(`${group}:`);
    SIGNAL_NAMES.forEach((name, k) => {
      console.log(`  ${name}: ${(table[group][k] ?? 0).toFixed(2)},`);
    });
  }
}

/** Numbers in [0, 1) that are the same in every run (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
