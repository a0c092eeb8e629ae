// The parameters in training: one row per token, a weight per token for each side, and what Adam remembers of each.
import { Arena, compileKernels, DIMENSIONS, type Kernels } from './kernels.js';
import { Random } from './random.js';

const ROW_DEVIATION = 0.06;

export interface Side {
  /** Logarithms of the weights; the gradient and Adam's moments beside. */
  readonly logScale: Float32Array;
  readonly gradient: Float32Array;
  readonly mean: Float32Array;
  readonly square: Float32Array;
}

export interface Model {
  readonly arena: Arena;
  readonly kernels: Kernels;
  readonly size: number;
  readonly rows: Float32Array;
  readonly mean: Float32Array;
  readonly square: Float32Array;
  readonly query: Side;
  readonly code: Side;
}

/** `extraBytes`: what else will be taken from the model's memory. `weights`: the tokens' first weights, about 1. */
export function createModel(weights: Float32Array, seed: number, extraBytes: number): Model {
  const size = weights.length;
  const arena = new Arena(size * DIMENSIONS * 12 + extraBytes + (1 << 20));
  const random = new Random(seed);
  const rows = arena.floats(size * DIMENSIONS);
  for (let i = 0; i < rows.length; i++) rows[i] = ROW_DEVIATION * random.normal();
  const model = { arena, kernels: compileKernels(arena), size, rows };
  const moments = { mean: arena.floats(rows.length), square: arena.floats(rows.length) };
  return { ...model, ...moments, query: side(weights), code: side(weights) };
}

function side(weights: Float32Array): Side {
  const zeros = () => new Float32Array(weights.length);
  return { logScale: weights.map(Math.log), gradient: zeros(), mean: zeros(), square: zeros() };
}
