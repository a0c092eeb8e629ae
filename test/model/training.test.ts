import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Dataset } from '../../model/train/dataset.js';
import { Arena, compileKernels, DIMENSIONS } from '../../model/train/kernels.js';
import { Products } from '../../model/train/products.js';
import { Random } from '../../model/train/random.js';
import { Trainer } from '../../model/train/trainer.js';

const numbers = (length: number, random: Random) => Float32Array.from({ length }, () => random.normal());

describe('the kernels', () => {
  test('multiply as the definition says', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.constantFrom(4, 12),
        fc.constantFrom(16, 48),
        fc.integer({ min: 1, max: 40 }),
        (seed, m, n, k) => {
          const arena = new Arena(1 << 18);
          const products = new Products(arena, compileKernels(arena), 64);
          const random = new Random(seed);
          const [a, b, c] = [arena.floats(m * k), arena.floats(k * n), arena.floats(m * n)];
          a.set(numbers(a.length, random));
          b.set(numbers(b.length, random));
          products.times(a, b, c, m, n, k);
          for (let i = 0; i < m; i++) {
            for (let j = 0; j < n; j++) {
              let sum = 0;
              for (let p = 0; p < k; p++) sum += (a[i * k + p] as number) * (b[p * n + j] as number);
              expect(c[i * n + j]).toBeCloseTo(sum, 3);
            }
          }
        },
      ),
      { numRuns: 10 },
    );
  });

  test('gather weighted rows, and scatter what a vector says back to them', () => {
    const arena = new Arena(1 << 18);
    const kernels = compileKernels(arena);
    const [table, out, gradient] = [
      arena.floats(5 * DIMENSIONS),
      arena.floats(DIMENSIONS),
      arena.floats(2 * DIMENSIONS),
    ];
    table.set(numbers(table.length, new Random(1)));
    const [ids, slots, weights, dots] = [arena.integers(3), arena.integers(3), arena.floats(3), arena.floats(3)];
    ids.set([4, 0, 2]);
    slots.set([1, 0, 1]);
    weights.set([0.5, 2, -1]);
    const row = (id: number) => [...table.subarray(id * DIMENSIONS, (id + 1) * DIMENSIONS)];
    kernels.gather(out.byteOffset, table.byteOffset, ids.byteOffset, weights.byteOffset, 3);
    const [four, zero, two] = [row(4), row(0), row(2)];
    for (let k = 0; k < DIMENSIONS; k++) {
      expect(out[k]).toBeCloseTo(0.5 * (four[k] ?? 0) + 2 * (zero[k] ?? 0) - (two[k] ?? 0), 4);
    }
    kernels.scatter(
      gradient.byteOffset,
      slots.byteOffset,
      weights.byteOffset,
      table.byteOffset,
      ids.byteOffset,
      dots.byteOffset,
      out.byteOffset,
      3,
    );
    expect(gradient[0]).toBeCloseTo(2 * (out[0] ?? 0), 4);
    expect(gradient[DIMENSIONS]).toBeCloseTo(-0.5 * (out[0] ?? 0), 4);
    expect(dots[1]).toBeCloseTo(
      zero.reduce((sum, value, k) => sum + value * (out[k] ?? 0), 0),
      2,
    );
  });
});

/** Pairs whose query and code share no token: query i belongs to code i only by their numbers. */
function riddle(pairs: number): Dataset {
  const lists = Array.from({ length: pairs }, (_, i) => [1, 1, 0, 0, 1, 2 * i, 1, 2 * i, 1, 2 * i + 1, 1]);
  return {
    vocabulary: Array.from({ length: 2 * pairs }, (_, i) => `t${i}`),
    packages: [{ name: 'all', start: 0, end: pairs }],
    tokens: Uint16Array.from(lists.flat()),
    offsets: Uint32Array.from(lists, (_, i) => i * 11),
    files: Int32Array.from(lists, (_, i) => i),
    queries: Int32Array.from(lists, (_, i) => i),
    kinds: new Uint8Array(pairs),
  };
}

test('training finds out which code belongs to which query', () => {
  const dataset = riddle(32);
  const trainer = new Trainer(dataset, 32, 1);
  const batch = Int32Array.from({ length: 32 }, (_, i) => i);
  const random = new Random(1);
  const losses = Array.from({ length: 60 }, () => trainer.train(batch, 0.01, random));
  expect(losses[0]).toBeGreaterThan(2);
  expect(losses.at(-1)).toBeLessThan(0.2);
});
