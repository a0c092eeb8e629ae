// The vectors of a search are compared one by one, not through an approximate index, so that what other projects hold cannot
// take a place among the nearest. They are rounded in memory: this says what that costs.
import { expect, test } from 'vitest';
import { Int8Matrix } from '#src/search/int8-matrix.js';
import { SearchedFiles } from '#src/search/searched-files.js';

const ROWS = 100_000;
const DIMENSIONS = 256;
const CLUSTERS = 500;
const QUERIES = 20;
const LIMIT = 50;

test('recall of the nearest 50 of 100,000 vectors against exact cosines is 0.98 or better', () => {
  const random = randomNumbers(3);
  const centres = Array.from({ length: CLUSTERS }, () => unit(random));
  const vectors = Array.from({ length: ROWS }, (_, i) => near(centres[i % CLUSTERS] as Float32Array, random));
  const content = new Int8Matrix(ROWS, DIMENSIONS);
  for (const [row, vector] of vectors.entries()) content.set(row, vector);
  const files = vectors.map((_, i) => ({ id: String(i), repositoryId: 'r', path: `f${i}`, language: null, chunks: 1 }));
  const rowOf = new Map(files.map(({ id }, row) => [id, row]));
  const repository = { files, rowOf, vectors: { content, path: new Int8Matrix(ROWS, DIMENSIONS) } };
  let found = 0;
  for (let i = 0; i < QUERIES; i++) {
    const query = near(centres[(i * 7) % CLUSTERS] as Float32Array, random);
    const [nearest = []] = new SearchedFiles([repository], null, query).nearest(LIMIT);
    const exact = new Set(exactNearest(vectors, query));
    found += nearest.filter((id) => exact.has(Number(id))).length;
  }
  expect(found / (QUERIES * LIMIT)).toBeGreaterThanOrEqual(0.98);
});

function exactNearest(vectors: readonly Float32Array[], query: Float32Array): readonly number[] {
  const products = Float64Array.from(vectors, (vector) => {
    let sum = 0;
    for (let k = 0; k < DIMENSIONS; k++) sum += (vector[k] as number) * (query[k] as number);
    return sum;
  });
  const least = products.slice().sort()[ROWS - LIMIT] as number;
  return [...products.keys()].filter((row) => (products[row] as number) >= least);
}

function near(centre: Float32Array, random: () => number): Float32Array {
  return normalised(centre.map((value) => value + 0.05 * gauss(random)));
}

function unit(random: () => number): Float32Array {
  return normalised(new Float32Array(DIMENSIONS).map(() => gauss(random)));
}

function normalised(vector: Float32Array): Float32Array {
  let squares = 0;
  for (const value of vector) squares += value * value;
  return vector.map((value) => value / Math.sqrt(squares));
}

/** Nearly normal, and cheap: 25 million are drawn. */
function gauss(random: () => number): number {
  return (random() + random() + random() + random() - 2) * 1.73;
}

function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 0) / 4294967296;
  };
}
