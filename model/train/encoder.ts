// Many bags → their vectors, and gradients of those vectors → gradients of the rows and weights that made them.
import { type Bag, emptyBag } from './bags.js';
import { DIMENSIONS } from './kernels.js';
import type { Model, Side } from './model.js';

const MAX_TOKENS = 400;

/** Gradients of the rows that a batch touches, each row in a slot of its own. */
export class RowGradients {
  readonly values: Float32Array;
  readonly touched: number[] = [];
  private readonly slots: Int32Array;

  constructor(model: Model, capacity: number) {
    this.values = model.arena.floats(capacity * DIMENSIONS);
    this.slots = new Int32Array(model.size).fill(-1);
  }

  slotOf(token: number): number {
    const slot = this.slots[token] as number;
    if (slot >= 0) return slot;
    this.slots[token] = this.touched.length;
    return this.touched.push(token) - 1;
  }

  /** Forget what was touched; the values have been set to zero by the step that used them. */
  clear(): void {
    for (const token of this.touched) this.slots[token] = -1;
    this.touched.length = 0;
  }
}

/** One side of a batch of `n` texts. */
export class Encoder {
  /** Vectors of length 1, row by row. */
  readonly vectors: Float32Array;
  /** Gradient of the loss by them. */
  readonly gradients: Float32Array;
  private readonly model: Model;
  private readonly side: Side;
  private readonly tokens: Int32Array;
  private readonly weights: Float32Array;
  private readonly slots: Int32Array;
  private readonly dots: Float32Array;
  private readonly starts: Int32Array;
  private readonly norms: Float32Array;
  readonly bag: Bag = emptyBag(MAX_TOKENS);

  constructor(model: Model, side: Side, n: number) {
    const { arena } = model;
    this.model = model;
    this.side = side;
    this.vectors = arena.floats(n * DIMENSIONS);
    this.gradients = arena.floats(n * DIMENSIONS);
    this.tokens = arena.integers(n * MAX_TOKENS);
    this.weights = arena.floats(n * MAX_TOKENS);
    this.slots = arena.integers(MAX_TOKENS);
    this.dots = arena.floats(MAX_TOKENS);
    this.starts = new Int32Array(n + 1);
    this.norms = new Float32Array(n);
  }

  /** Encode the current bag as text number `i`; texts come in order. */
  encode(i: number): void {
    const { bag, side, tokens, weights, vectors, model } = this;
    const start = i === 0 ? 0 : (this.starts[i] as number);
    for (let t = 0; t < bag.length; t++) {
      const token = bag.tokens[t] as number;
      tokens[start + t] = token;
      weights[start + t] = (bag.weights[t] as number) * Math.exp(side.logScale[token] as number);
    }
    this.starts[i + 1] = start + bag.length;
    const out = vectors.byteOffset + i * DIMENSIONS * 4;
    model.kernels.gather(
      out,
      model.rows.byteOffset,
      tokens.byteOffset + 4 * start,
      weights.byteOffset + 4 * start,
      bag.length,
    );
    this.norms[i] = normalise(vectors, i * DIMENSIONS);
  }

  /** Add the gradients of the first `n` texts to those of the rows and weights. */
  propagate(n: number, rowGradients: RowGradients): void {
    for (let i = 0; i < n; i++) {
      const start = this.starts[i] as number;
      const count = (this.starts[i + 1] as number) - start;
      this.throughNorm(i);
      for (let t = 0; t < count; t++) this.slots[t] = rowGradients.slotOf(this.tokens[start + t] as number);
      this.scatter(i, start, count, rowGradients);
      for (let t = 0; t < count; t++) {
        const token = this.tokens[start + t] as number;
        const change = (this.weights[start + t] as number) * (this.dots[t] as number);
        this.side.gradient[token] = (this.side.gradient[token] as number) + change;
      }
    }
  }

  private scatter(i: number, start: number, count: number, { values }: RowGradients): void {
    const { kernels, rows } = this.model;
    const [weights, tokens] = [this.weights.byteOffset + 4 * start, this.tokens.byteOffset + 4 * start];
    const vector = this.gradients.byteOffset + i * DIMENSIONS * 4;
    kernels.scatter(
      values.byteOffset,
      this.slots.byteOffset,
      weights,
      rows.byteOffset,
      tokens,
      this.dots.byteOffset,
      vector,
      count,
    );
  }

  /** From the gradient by the unit vector to that by the sum it was made from. */
  private throughNorm(i: number): void {
    const { vectors, gradients } = this;
    const from = i * DIMENSIONS;
    let along = 0;
    for (let k = from; k < from + DIMENSIONS; k++) along += (vectors[k] as number) * (gradients[k] as number);
    const factor = 1 / (this.norms[i] as number);
    for (let k = from; k < from + DIMENSIONS; k++) {
      gradients[k] = ((gradients[k] as number) - along * (vectors[k] as number)) * factor;
    }
  }
}

/** Bring a row to length 1; returns the length it had. */
function normalise(vectors: Float32Array, from: number): number {
  let square = 1e-12;
  for (let k = from; k < from + DIMENSIONS; k++) square += (vectors[k] as number) ** 2;
  const norm = Math.sqrt(square);
  for (let k = from; k < from + DIMENSIONS; k++) vectors[k] = (vectors[k] as number) / norm;
  return norm;
}
