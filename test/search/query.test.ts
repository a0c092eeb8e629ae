import { describe, expect, it } from 'vitest';
import { definitionTerm, terms } from '#src/lexical/terms.js';
import { parseQuery } from '#src/search/query.js';

describe('parseQuery', () => {
  it.each([
    ['parseQuery', 'symbol'],
    ['Parser::parse', 'symbol'],
    ['src/search/query.ts', 'path'],
    ['query.ts', 'path'],
    ['query.ts:12', 'path'],
    ['how are queries parsed', 'question'],
  ])('%s is a %s', (text, kind) => {
    expect(parseQuery(text).kind).toBe(kind);
  });

  it('drops the words that carry the question', () => {
    expect(parseQuery('where is the retry policy defined').words).toEqual(terms('retry policy defined'));
  });

  it('keeps them when there are no others', () => {
    expect(parseQuery('where is it').words).not.toEqual([]);
  });

  it('looks up the names that neighbouring words would make', () => {
    const query = parseQuery('retry policy');
    expect(query.joined).toEqual(['retrypolicy']);
    expect(query.compounds).toEqual([definitionTerm('RetryPolicy')]);
  });

  it('takes words written like code for symbols, and a lone word too', () => {
    expect(parseQuery('who calls getUserById here').symbols).toEqual([definitionTerm('getUserById')]);
    expect(parseQuery('retry').symbols).toEqual([definitionTerm('retry')]);
    expect(parseQuery('retry later').symbols).toEqual([]);
    expect(parseQuery('Parser::parse()').symbols).toContain(definitionTerm('parse'));
  });

  it('takes what stands in quotation marks for a phrase, in any spacing', () => {
    const pattern = new RegExp(parseQuery('who says "Too few  items (2)" or `a.b c`').phrase ?? '', 'iu');
    expect('throw new Error("too few\n   items (2)")').toMatch(pattern);
    expect('too few items 2').not.toMatch(pattern);
    expect('a.b c').toMatch(pattern);
    expect('axb c').not.toMatch(pattern);
    expect(parseQuery('the "word" alone').phrase).toBeNull();
  });

  it('cuts a pasted page instead of refusing it', () => {
    const page = Array.from({ length: 1000 }, (_, i) => `word${i}`).join(' ');
    expect(parseQuery(page).words.length).toBeLessThanOrEqual(32);
  });

  it('looks for the beginning of a long phrase', () => {
    expect(parseQuery(`"${'e '.repeat(4900)}"`).phrase).toBe(Array(100).fill('e').join('\\s+'));
  });
});
