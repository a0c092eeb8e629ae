// The arithmetic behind the weights and the figures in docs/relevance.md.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ndcg } from '../../bench/relevance/ndcg.js';
import { dot, fitSoftmax, type Lesson } from '../../bench/relevance/softmax.js';

describe('NDCG@10', () => {
  test('is 1 for all answers in front, less the lower they stand, 0 without any', () => {
    expect(ndcg([0, 1, -1], 2)).toBe(1);
    expect(ndcg([-1, 0], 1)).toBeCloseTo(1 / Math.log2(3), 12);
    expect(ndcg([...Array(10).fill(-1), 0], 1)).toBe(0);
  });

  test('a second place of the same answer uses up a rank and earns nothing', () => {
    expect(ndcg([0, 0, 1], 2)).toBeCloseTo(ndcg([0, -1, 1], 2), 12);
    expect(ndcg([0, 0, 1], 2)).toBeLessThan(ndcg([0, 1], 2));
  });
});

describe('listwise softmax', () => {
  const lesson = (rows: readonly (readonly number[])[], ...answers: number[]): Lesson => ({
    x: rows.map((row) => Float64Array.from(row)),
    answers,
  });
  const zero = new Float64Array(2);

  test('finds the signal that tells the answers apart and leaves the other alone', () => {
    const lessons = [
      lesson(
        [
          [1, 0.2],
          [0, 0.9],
          [0.1, 0.4],
        ],
        0,
      ),
      lesson(
        [
          [0.2, 0.5],
          [0.9, 0.5],
        ],
        1,
      ),
    ];
    const [telling, other] = fitSoftmax(lessons, zero, 0.01);
    expect(telling).toBeGreaterThan(1);
    expect(Math.abs(other ?? 0)).toBeLessThan((telling ?? 0) / 2);
  });

  test('without anything to learn the weights stay at the centre', () => {
    const same = lesson(
      [
        [1, 2],
        [1, 2],
      ],
      0,
    );
    expect([...fitSoftmax([same], Float64Array.from([0.5, -1]), 0.1)]).toEqual([0.5, -1]);
  });

  test('is at the minimum: no small step in any direction is better', () => {
    const value = fc.double({ min: -2, max: 2, noNaN: true });
    const row = fc.array(value, { minLength: 2, maxLength: 2 });
    fc.assert(
      fc.property(fc.array(fc.array(row, { minLength: 2, maxLength: 6 }), { minLength: 1, maxLength: 5 }), (tables) => {
        const lessons = tables.map((rows) => lesson(rows, 0));
        const fitted = fitSoftmax(lessons, zero, 0.1);
        const best = loss(lessons, fitted, 0.1);
        for (const step of [
          [0.05, 0],
          [-0.05, 0],
          [0, 0.05],
          [0, -0.05],
        ]) {
          expect(
            loss(
              lessons,
              fitted.map((weight, k) => weight + (step[k] ?? 0)),
              0.1,
            ),
          ).toBeGreaterThanOrEqual(best - 1e-9);
        }
      }),
      { numRuns: 50 },
    );
  });
});

/** The same loss, written down plainly. */
function loss(lessons: readonly Lesson[], weights: Float64Array, pull: number): number {
  const each = lessons.map(({ x, answers }) => {
    const powers = x.map((row) => Math.exp(dot(row, weights)));
    const total = powers.reduce((sum, power) => sum + power, 0);
    return -Math.log((powers[answers[0] ?? 0] ?? 0) / total);
  });
  return each.reduce((sum, value) => sum + value, 0) / lessons.length + (pull / 2) * dot(weights, weights);
}
