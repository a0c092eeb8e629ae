// One training step after another: encode a batch, compare all with all, send the gradients back, change what was used.
import { codeBag, queryBag } from './bags.js';
import { contrast } from './contrast.js';
import type { Dataset } from './dataset.js';
import { Encoder, RowGradients } from './encoder.js';
import { DIMENSIONS } from './kernels.js';
import { createModel, type Model, type Side } from './model.js';
import { Products } from './products.js';
import type { Random } from './random.js';

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;
/** The weights are few and learn faster than the rows. */
const SCALE_RATE = 2;
const MAX_TOUCHED = 48_000;

export class Trainer {
  readonly model: Model;
  readonly query: Encoder;
  readonly code: Encoder;
  private readonly dataset: Dataset;
  private readonly size: number;
  private readonly products: Products;
  private readonly similarities: Float32Array;
  private readonly transposed: Float32Array;
  private readonly rowGradients: RowGradients;
  private step = 0;

  /** `size`: pairs in a batch, a multiple of 32. */
  constructor(dataset: Dataset, size: number, seed: number) {
    const bytes =
      4 * (2 * size * size + size * DIMENSIONS * 4 + MAX_TOUCHED * DIMENSIONS + 4 * 400 * (size + 1) + size * 16);
    const model = createModel(firstWeights(dataset), seed, bytes);
    this.dataset = dataset;
    this.size = size;
    this.model = model;
    this.query = new Encoder(model, model.query, size);
    this.code = new Encoder(model, model.code, size);
    this.products = new Products(model.arena, model.kernels, Math.max(size, DIMENSIONS));
    this.similarities = model.arena.floats(size * size);
    this.transposed = model.arena.floats(size * size);
    this.rowGradients = new RowGradients(model, MAX_TOUCHED);
  }

  /** Learn from one batch; returns its loss. */
  train(pairs: Int32Array, rate: number, random: Random): number {
    const { dataset, query, code, products, similarities, transposed, size } = this;
    for (const [i, pair] of pairs.entries()) {
      queryBag(dataset, pair, query.bag, random);
      query.encode(i);
      codeBag(dataset, pair, code.bag, random);
      code.encode(i);
    }
    products.timesTransposed(query.vectors, code.vectors, similarities, size, size, DIMENSIONS);
    const loss = contrast(similarities, transposed, size, this.mask(pairs));
    products.times(similarities, code.vectors, query.gradients, size, DIMENSIONS, size);
    products.times(transposed, query.vectors, code.gradients, size, DIMENSIONS, size);
    query.propagate(size, this.rowGradients);
    code.propagate(size, this.rowGradients);
    this.update(rate);
    return loss;
  }

  /** Pairs of one file, and pairs with the same query, are no evidence against each other. */
  private mask(pairs: Int32Array): (row: number, column: number) => boolean {
    const files = pairs.map((pair) => this.dataset.files[pair] as number);
    const queries = pairs.map((pair) => this.dataset.queries[pair] as number);
    return (i, j) => files[i] === files[j] || queries[i] === queries[j];
  }

  private update(rate: number): void {
    this.step++;
    const correction = Math.sqrt(1 - BETA2 ** this.step);
    const corrected = (rate * correction) / (1 - BETA1 ** this.step);
    const { kernels, rows, mean, square } = this.model;
    const { touched, values } = this.rowGradients;
    for (const [slot, token] of touched.entries()) {
      const at = token * DIMENSIONS * 4;
      const gradient = values.byteOffset + slot * DIMENSIONS * 4;
      const pointers = [rows.byteOffset + at, mean.byteOffset + at, square.byteOffset + at, gradient] as const;
      kernels.adam(...pointers, corrected, EPSILON * correction, 1 - BETA1, 1 - BETA2);
    }
    for (const side of [this.model.query, this.model.code])
      updateScale(side, touched, corrected * SCALE_RATE, EPSILON * correction);
    this.rowGradients.clear();
  }
}

function updateScale(
  { logScale, gradient, mean, square }: Side,
  touched: readonly number[],
  rate: number,
  epsilon: number,
): void {
  for (const token of touched) {
    const g = gradient[token] as number;
    const m = BETA1 * (mean[token] as number) + (1 - BETA1) * g;
    const v = BETA2 * (square[token] as number) + (1 - BETA2) * g * g;
    mean[token] = m;
    square[token] = v;
    logScale[token] = (logScale[token] as number) - (rate * m) / (Math.sqrt(v) + epsilon);
    gradient[token] = 0;
  }
}

/** Rare tokens say more: the logarithm of how few pairs have them, about 1 on average over the vocabulary. */
function firstWeights({ vocabulary, tokens, offsets }: Dataset): Float32Array {
  const users = new Float32Array(vocabulary.length);
  for (const at of offsets) {
    const lists = tokens.subarray(at, at + 5).reduce((sum, length) => sum + length, 0);
    const code = tokens[at + 4] as number;
    for (let i = at + 5 + 2 * (lists - code); i < at + 5 + 2 * lists; i += 2)
      users[tokens[i] as number] = (users[tokens[i] as number] as number) + 1;
  }
  return users.map((count) => Math.max(0.1, Math.log((offsets.length + 1) / (count + 1)) / 8));
}
