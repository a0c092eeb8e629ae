// pgvector's binary form, byte by byte where it can be said, by property where not.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toHalf, vectorArray, vectorParameter } from '#src/database/vectors.js';

const vector = { vectorType: 'vector', vectorOid: 16_400 } as const;
const halfvec = { vectorType: 'halfvec', vectorOid: 16_500 } as const;

test('one vector: dimensions, zero, elements', () => {
  expect(vectorParameter(vector, Float32Array.of(1, -2)).toString('hex')).toBe('000200003f800000c0000000');
  expect(vectorParameter(halfvec, Float32Array.of(1, -2)).toString('hex')).toBe('000200003c00c000');
});

test('an array: one dimension, no nulls, the type’s oid, length, lower bound, then each element with its size', () => {
  expect(vectorArray(halfvec, [Float32Array.of(1)]).toString('hex')).toBe(
    ['00000001', '00000000', '00004074', '00000001', '00000001', '00000006', '000100003c00'].join(''),
  );
});

/** The value of a binary16 number, by its definition. */
function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const mantissa = half & 0x3ff;
  if (exponent === 31) return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * mantissa * 2 ** -24 : sign * (1024 + mantissa) * 2 ** (exponent - 25);
}

describe('half precision', () => {
  test('every half is exact', () => {
    const numbers = Array.from({ length: 0x10000 }, (_, half) => half).filter((half) => !Number.isNaN(fromHalf(half)));
    expect(numbers.map((half) => toHalf(fromHalf(half)))).toEqual(numbers);
  });

  test('a value between two halves becomes the nearer one, the even one of two equally near', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0x7bfe }), fc.double({ min: 0, max: 1, noNaN: true }), (half, part) => {
        const [low, high] = [fromHalf(half), fromHalf(half + 1)];
        const value = Math.fround(low + (high - low) * part);
        const nearer = value - low < high - value || (value - low === high - value && half % 2 === 0) ? half : half + 1;
        expect(toHalf(value)).toBe(nearer);
        expect(toHalf(-value)).toBe(nearer | 0x8000);
      }),
    );
  });

  test('what does not fit is infinite', () => {
    expect([65_504, 65_519, 65_520, 1e10].map((value) => fromHalf(toHalf(value)))).toEqual([
      65_504,
      65_504,
      Infinity,
      Infinity,
    ]);
    expect(fromHalf(toHalf(Number.NaN))).toBeNaN();
  });
});
