// What each part of the ranking is worth: the benchmark scored with the present weights, and with some of them at zero.
// Reads what `features` wrote; the vector leg alone is scored at chunk level, as the published tables do.
import { SIGNAL_NAMES, type SignalName } from '#src/search/signals.js';
import { printTable } from '../table.js';
import { type Example, groupsOf, presentWeights, readExamples, score, type Table } from './examples.js';
import type { Options } from './options.js';

const startingWith = (prefix: string) => SIGNAL_NAMES.filter((name) => name.startsWith(prefix));
const LEXICAL = [...startingWith('bm25'), 'coverage'] as const satisfies readonly SignalName[];
const VECTOR = startingWith('cosine');

export async function ablate(options: Options): Promise<void> {
  const examples = await readExamples(options.features);
  const groups = groupsOf(examples).slice(0, 4);
  const row = (name: string, value: (example: Example) => number) => [
    name,
    ...groups.map(([, of]) => of(value).toFixed(3)),
  ];
  const only = (names: readonly SignalName[]) => without(SIGNAL_NAMES.filter((name) => !names.includes(name)));
  const parts: [string, Table][] = [
    ['everything', presentWeights()],
    ['lexical alone (BM25 and coverage)', only(LEXICAL)],
    ['vectors alone (chunk, file, path)', only(VECTOR)],
    ['lexical and vectors', only([...LEXICAL, ...VECTOR])],
    ['no vectors', without(VECTOR)],
    ['no lexical', without(LEXICAL)],
    ...SIGNAL_NAMES.map((name): [string, Table] => [`without ${name}`, without([name])]),
  ];
  printTable(
    `NDCG@10 over ${examples.length} questions, by what the ranker may use`,
    ['', ...groups.map(([name]) => name)],
    [
      row('nearest chunks, chunk level', ({ features }) => features.vectorLeg),
      ...parts.map(([name, table]) => row(name, (example) => score(example, table))),
    ],
  );
}

function without(names: readonly SignalName[]): Table {
  const { question, symbol } = presentWeights();
  const cut = (weights: Float64Array) =>
    weights.map((value, k) => (names.includes(SIGNAL_NAMES[k] as SignalName) ? 0 : value));
  return { question: cut(question), symbol: cut(symbol) };
}
