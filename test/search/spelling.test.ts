import { describe, expect, test } from 'vitest';
import { stem } from '#src/lexical/stem.js';
import { definitionTerm } from '#src/lexical/terms.js';
import { correctSpelling } from '#src/search/spelling.js';

/** The model's words, the most common first; whatever else it knows is at 20,000. */
const COMMON = ['value', 'error', 'builder', 'expression', 'logic', 'collection', 'enabled'];
const RARE = ['expresion', 'thumbprint', 'colection'];
const rarity = (word: string): number => {
  if (RARE.includes(word)) return 20_000;
  const at = COMMON.indexOf(word);
  return at >= 0 ? at + 100 : ({ login: 3_000, prepare: 500, query: 50 }[word] ?? Infinity);
};

function correct(text: string, indexed: Readonly<Record<string, number>>, asked: string[][] = []) {
  return correctSpelling(text, rarity, async (terms) => {
    asked.push([...terms]);
    return new Map(Object.entries(indexed).filter(([term]) => terms.includes(term)));
  });
}

describe('typing errors', () => {
  test.each([
    ['two letters in each other’s place', 'prepareValeu', 'prepareValue'],
    ['a letter missing', 'QueryBulder', 'QueryBuilder'],
    ['a letter too many', 'VALLUE', 'VALUE'],
    ['a wrong letter', 'query_buikder', 'query_builder'],
    ['an error that many have made', 'resolve a colection', 'resolve a collection'],
  ])('%s: %s', async (_, typed, meant) => {
    const index = Object.fromEntries(COMMON.map((word) => [stem(word), 3]));
    expect((await correct(typed, index)).text).toBe(meant);
  });

  test('a name that only this code has is found too', async () => {
    const { text, corrections } = await correct('openZorkmdi', { zorkmid: 1 });
    expect(text).toBe('openZorkmid');
    expect(corrections).toEqual([{ typed: 'zorkmdi', meant: 'zorkmid' }]);
  });

  test('of several words, the one whose name is defined here', async () => {
    const index = { [stem('vale')]: 90, [stem('value')]: 5, [definitionTerm('prepareValue')]: 1 };
    expect((await correct('prepareValeu', index)).text).toBe('prepareValue');
  });
});

describe('what stays as it is', () => {
  test('a word that the code has', async () => {
    const index = { valeu: 1, [stem('value')]: 50 };
    expect((await correct('valeu', index)).corrections).toEqual([]);
  });

  test('a common word that the code does not have: login is not logic', async () => {
    const asked: string[][] = [];
    expect((await correct('login', { [stem('logic')]: 50 }, asked)).text).toBe('login');
    expect(asked).toEqual([]);
  });

  test('a rare word whose neighbours are no more common', async () => {
    expect((await correct('thumbprint', { thumbprin: 4 })).text).toBe('thumbprint');
  });

  test('words that are too short, numbers, other scripts, pasted pages', async () => {
    const index = { [stem('value')]: 9, abc: 9 };
    const page = 'valeu xvaleu yvaleu zvaleu of something';
    for (const text of ['abx', '42x1', 'значение', page]) expect((await correct(text, index)).text).toBe(text);
  });
});
