// Trains from the dataset in the cache, reports on packages held out, and leaves the model's files in the cache.
import { join } from 'node:path';
import { BLOCK, makeBatches } from './batches.js';
import { readDataset } from './dataset.js';
import { exportModel } from './export.js';
import { measure } from './held-out.js';
import { Random } from './random.js';
import { Trainer } from './trainer.js';

export interface Recipe {
  readonly blocks: number;
  readonly epochs: number;
  readonly rate: number;
  readonly seed: number;
}

export const RECIPE: Recipe = { blocks: 4, epochs: 1.5, rate: 0.005, seed: 1 };
const WARM_UP = 100;
const REPORTS = 12;

export async function train(cache: string, recipe: Recipe, log: (line: string) => void): Promise<void> {
  const dataset = await readDataset(cache);
  const trainer = new Trainer(dataset, recipe.blocks * BLOCK, recipe.seed);
  const random = new Random(recipe.seed);
  const batches = [...Array(Math.ceil(recipe.epochs)).keys()].flatMap((epoch) =>
    makeBatches(dataset, recipe.blocks, recipe.seed + epoch),
  );
  const steps = Math.round((batches.length * recipe.epochs) / Math.ceil(recipe.epochs));
  log(`${dataset.offsets.length} pairs, ${dataset.vocabulary.length} tokens, ${steps} steps`);
  let loss = 0;
  for (let step = 0; step < steps; step++) {
    loss += trainer.train(batches[step] as Int32Array, rateAt(step, steps, recipe.rate), random);
    const every = Math.ceil(steps / REPORTS);
    if ((step + 1) % every !== 0 && step + 1 < steps) continue;
    const seconds = process.cpuUsage().user / 1e6;
    log(
      `step ${step + 1}\tloss ${(loss / every).toFixed(4)}\theld out ${measure(trainer, dataset).toFixed(4)}\tCPU ${seconds.toFixed(0)} s`,
    );
    await exportModel(trainer.model, dataset.vocabulary, join(cache, 'model'));
    loss = 0;
  }
}

/** Up to the full rate, then down to a tenth of it along a cosine. */
function rateAt(step: number, steps: number, rate: number): number {
  if (step < WARM_UP) return (rate * (step + 1)) / WARM_UP;
  const done = (step - WARM_UP) / Math.max(1, steps - WARM_UP);
  return rate * (0.1 + 0.45 * (1 + Math.cos(Math.PI * done)));
}
