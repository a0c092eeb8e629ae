// Learns the ranker's weights from what `features` wrote, and says what they are worth on repositories they were not
// learned from. Prints the tables of src/search/weights.ts; nothing is tuned by hand against single questions.
import { ROLE_NAMES } from '#src/search/path-kind.js';
import { SIGNAL_NAMES, type SignalName } from '#src/search/signals.js';
import { printTable } from '../table.js';
import { type Example, type Group, groupsOf, presentWeights, readExamples, score, type Table } from './examples.js';
import type { Options } from './options.js';
import { fitSoftmax, type Lesson } from './softmax.js';

/** How many times the repositories are cut into two halves, each half judged with the weights of the other. */
const SPLITS = 6;
const SEED = 7;
/** Pull towards PRIOR for the weights of all questions, and towards those for the weights of one kind. */
const PULL = 0.003;
const KIND_PULL = { question: 0.003, symbol: 0.015 } as const;
/** What the benchmark's repositories and questions hardly have: weights that stay unless something speaks against it. */
const PRIOR: Partial<Record<SignalName, number>> = {
  example: -1,
  vendored: -0.7,
  generated: -0.7,
  declaration: -0.3,
  phrase: 3,
  path_is_query: 20,
};
/** Signals that may speak for a file or against it; all others are evidence, and evidence never counts against. */
const EITHER_WAY: ReadonlySet<SignalName> = new Set<SignalName>(['log_chunks', 'depth', ...ROLE_NAMES]);

export async function fitWeights(options: Options): Promise<void> {
  const examples = await readExamples(options.features);
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
