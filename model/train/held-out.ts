// How well the model finds code by its description in packages that it was not trained on: the measure to choose by.
import { codeBag, queryBag } from './bags.js';
import { isHeldOut } from './batches.js';
import type { Dataset, PackageRange } from './dataset.js';
import { DIMENSIONS } from './kernels.js';
import { KINDS } from './pairs.js';
import { Random } from './random.js';
import type { Trainer } from './trainer.js';

const PAIRS_PER_PACKAGE = 256;
const FEWEST = 40;
const ASKED = new Set(
  ['doc', 'inline', 'file', 'part', 'test', 'error'].map((kind) => KINDS.indexOf(kind as (typeof KINDS)[number])),
);

/** Mean reciprocal rank of the first code from the right file, over packages alike. `trainer` must hold 256 pairs or more. */
export function measure(trainer: Trainer, dataset: Dataset): number {
  const packages = dataset.packages.filter((range) => isHeldOut(range) && range.end - range.start >= FEWEST);
  const values = packages.map((range) => measurePackage(trainer, dataset, range));
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function measurePackage({ query, code }: Trainer, dataset: Dataset, range: PackageRange): number {
  const all = Array.from({ length: range.end - range.start }, (_, i) => range.start + i);
  const pairs = new Random(1)
    .shuffle(all.filter((pair) => ASKED.has(dataset.kinds[pair] as number)))
    .slice(0, PAIRS_PER_PACKAGE);
  for (const [i, pair] of pairs.entries()) {
    queryBag(dataset, pair, query.bag, undefined);
    query.encode(i);
    codeBag(dataset, pair, code.bag, undefined);
    code.encode(i);
  }
  const ranks = pairs.map((_, i) => rankOfOwnFile(query.vectors, code.vectors, pairs, dataset.files, i));
  return ranks.reduce((sum, rank) => sum + 1 / rank, 0) / Math.max(1, pairs.length);
}

function rankOfOwnFile(
  queries: Float32Array,
  codes: Float32Array,
  pairs: readonly number[],
  files: Int32Array,
  i: number,
): number {
  const scores = pairs.map((_, j) => {
    let sum = 0;
    for (let k = 0; k < DIMENSIONS; k++)
      sum += (queries[i * DIMENSIONS + k] as number) * (codes[j * DIMENSIONS + k] as number);
    return sum;
  });
  const isRight = (j: number) => files[pairs[j] as number] === files[pairs[i] as number];
  const best = Math.max(...scores.filter((_, j) => isRight(j)));
  return 1 + scores.filter((score, j) => score > best && !isRight(j)).length;
}
