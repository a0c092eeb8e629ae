import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plan } from '#src/indexing/plan.js';

const files = fc.uniqueArray(fc.record({ path: fc.string({ minLength: 1 }), size: fc.nat(1_000_000) }), {
  selector: (file) => file.path,
});

describe('plan', () => {
  it('puts every file found into exactly one batch, in order, with what is known of it', () => {
    fc.assert(
      fc.property(files, fc.array(fc.string({ minLength: 1 })), (found, knownPaths) => {
        const known = new Map(knownPaths.map((path) => [path, `print of ${path}`]));
        const { batches, removed } = plan(found, known, new Map());
        expect(batches.flat()).toEqual(found.map(({ path }) => ({ path, known: known.get(path) ?? null })));
        expect(batches.every((batch) => batch.length > 0)).toBe(true);
        const there = new Set(found.map((file) => file.path));
        expect(new Set(removed)).toEqual(new Set(knownPaths.filter((path) => !there.has(path))));
      }),
    );
  });

  it('keeps a batch within its bounds, except for a file that is larger by itself', () => {
    const sizes = Array.from({ length: 200 }, (_, i) => ({ path: `f${i}`, size: 30_000 }));
    const { batches } = plan([...sizes, { path: 'huge', size: 900_000 }], new Map(), new Map());
    for (const batch of batches) expect(batch.length).toBeLessThanOrEqual(13);
    expect(batches.at(-1)).toEqual([{ path: 'huge', known: null }]);
  });

  it('passes over files that git vouches for, and only when they are what is stored', () => {
    const found = ['same', 'other', 'new', 'unsure'].map((path) => ({ path, size: 1 }));
    const known = new Map([
      ['same', 'a'],
      ['other', 'a'],
      ['unsure', 'a'],
    ]);
    const { batches, unchanged } = plan(
      found,
      known,
      new Map([
        ['same', 'a'],
        ['other', 'b'],
        ['new', 'c'],
      ]),
    );
    expect(unchanged).toBe(1);
    expect(batches.flat().map((candidate) => candidate.path)).toEqual(['other', 'new', 'unsure']);
  });
});
