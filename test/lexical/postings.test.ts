import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodePostings, readPostings, type TermFrequency } from '#src/lexical/postings.js';

const term = fc.oneof(
  fc.constantFrom('get', 'user', 'route', '=get', '@user', '検索'),
  fc.string({ minLength: 1, maxLength: 9 }),
);
const chunks = fc.array(fc.array(term, { maxLength: 60 }), { maxLength: 12 });

/** The same counts, the slow and obvious way. */
function counted(texts: readonly (readonly string[])[], wanted: string): readonly TermFrequency[] {
  return texts
    .map((text, chunk) => ({ chunk, count: text.filter((each) => each === wanted).length }))
    .filter(({ count }) => count > 0);
}

describe('postings', () => {
  test('what was counted is read back, for every term and none that does not occur', () => {
    fc.assert(
      fc.property(chunks, (texts) => {
        const { postings, terms } = encodePostings(texts);
        expect(new Set(terms)).toEqual(new Set(texts.flat()));
        const read = readPostings(postings, [...terms, 'never indexed']);
        expect(read.chunkLengths).toEqual(texts.map((text) => text.length));
        expect([...read.frequencies.keys()].sort()).toEqual([...terms].sort());
        for (const each of terms) expect(read.frequencies.get(each)).toEqual(counted(texts, each));
      }),
    );
  });

  test('many chunks and high counts take more than a byte each', () => {
    const texts = Array.from({ length: 1000 }, (_, chunk) =>
      chunk % 400 === 0 ? Array(5000).fill('rare') : ['common'],
    );
    const { postings } = encodePostings(texts);
    const { frequencies } = readPostings(postings, ['rare', 'common']);
    expect(frequencies.get('rare')).toEqual([0, 400, 800].map((chunk) => ({ chunk, count: 5000 })));
    expect(frequencies.get('common')).toHaveLength(997);
  });

  test('a file of one chunk costs about six bytes a term', () => {
    const words = Array.from({ length: 200 }, (_, index) => `word${index}`);
    expect(encodePostings([words]).postings.length).toBeLessThan(6.5 * words.length);
  });

  test('another version is refused', () => {
    const { postings } = encodePostings([['get']]);
    postings[0] = 99;
    expect(() => readPostings(postings, ['get'])).toThrow('postings of version 99');
  });
});
