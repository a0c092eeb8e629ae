// The order in which pairs are trained: batches of blocks, each block from one package, so that a pair is told apart from
// other code of the same project, which is what a search has to do.
import type { Dataset, PackageRange } from './dataset.js';
import { Random } from './random.js';
import { hash } from './spread.js';

export const BLOCK = 256;
const SMALLEST_BLOCK = 64;
/** One package in so many is not trained on but measured with. */
const HELD_OUT = 25;

export function isHeldOut({ name }: PackageRange): boolean {
  return hash(name) % HELD_OUT === 0;
}

/** Pairs of one epoch, `blocks` × 256 to a batch. */
export function makeBatches(dataset: Dataset, blocks: number, seed: number): readonly Int32Array[] {
  const random = new Random(seed);
  const full: number[][] = [];
  const rest: number[][] = [];
  for (const range of dataset.packages.filter((range) => !isHeldOut(range))) {
    const order = random.shuffle(Array.from({ length: range.end - range.start }, (_, i) => range.start + i));
    for (let at = 0; at < order.length; at += BLOCK) {
      const block = order.slice(at, at + BLOCK);
      if (block.length === BLOCK) full.push(block);
      else if (block.length >= SMALLEST_BLOCK || order.length < BLOCK) rest.push(block);
    }
  }
  const joined = random.shuffle(rest).flat();
  for (let at = 0; at + BLOCK <= joined.length; at += BLOCK) full.push(joined.slice(at, at + BLOCK));
  random.shuffle(full);
  const batches: Int32Array[] = [];
  for (let at = 0; at + blocks <= full.length; at += blocks)
    batches.push(Int32Array.from(full.slice(at, at + blocks).flat()));
  return batches;
}
