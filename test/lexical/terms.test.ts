import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { definitionTerm, definitionTerms, terms } from '#src/lexical/terms.js';

describe('terms', () => {
  test('every spelling of an identifier gives the same words and the same whole', () => {
    const expected = ['get', 'user', 'by', 'name', 'getuserbyname'];
    for (const spelling of [
      'getUserByName',
      'GetUserByName',
      'get_user_by_name',
      'GET_USER_BY_NAME',
      '__get_user_by_name',
    ]) {
      expect(terms(spelling), spelling).toEqual(expected);
    }
  });

  test('capitals in a row are one word, their plural too', () => {
    expect(terms('HTTPServer parseURLs XMLHttpRequest')).toEqual([
      ...['http', 'server', 'httpserver'],
      ...['pars', 'url', 'parseurls'],
      ...['xml', 'http', 'request', 'xmlhttprequest'],
    ]);
  });

  test('digits are words of their own beside the whole name', () => {
    expect(terms('sha256 utf8 404')).toEqual(['sha', '256', 'sha256', 'utf', 'utf8', '404']);
  });

  test('forms of a word meet, unrelated short words stay apart', () => {
    const one = (word: string) => terms(word)[0];
    expect(new Set(['route', 'routes', 'routed', 'routing'].map(one)).size).toBe(1);
    expect(new Set(['query', 'queries'].map(one)).size).toBe(1);
    expect(new Set(['class', 'classes'].map(one)).size).toBe(1);
    expect(new Set(['run', 'running'].map(one)).size).toBe(1);
    expect(['string', 'feed', 'status', 'this', 'bus', 'red'].map(one)).toEqual([
      'string',
      'feed',
      'status',
      'this',
      'bus',
      'red',
    ]);
  });

  test('repeats are kept, in the order of the text', () => {
    expect(terms('close(open(close))')).toEqual(['clos', 'open', 'clos']);
  });

  test('words outside ASCII are words: umlauts, Cyrillic, and pairs of characters where there are no spaces', () => {
    expect(terms('größeÄndern')).toEqual(['größ', 'ändern']);
    expect(terms('“naïve” — ПриветМир')).toEqual(['naïv', 'привет', 'мир']);
    expect(terms('हिन्दी में खोज')).toEqual(['हिन्दी', 'में', 'खोज']);
    expect(terms('検索語')).toEqual(['検索', '索語']);
    expect(terms('字')).toEqual(['字']);
  });

  test('data is not indexed: runs over 128 characters and single characters', () => {
    expect(terms(`x = "${'Ab9'.repeat(50)}"`)).toEqual([]);
  });

  test('any text gives lower-case terms of 1 to 64 characters without spaces', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        const odd = terms(text).filter(
          (term) => /\s/u.test(term) || term !== term.toLowerCase() || term.length === 0 || term.length > 64,
        );
        expect(odd).toEqual([]);
      }),
    );
  });

  test('text in two halves gives the terms of both', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), fc.string({ unit: 'grapheme', maxLength: 80 }), (left, right) => {
        expect(terms(`${left} ${right}`)).toEqual([...terms(left), ...terms(right)]);
      }),
    );
  });
});

describe('definition terms', () => {
  test('a name and its other spellings are one term', () => {
    expect(definitionTerm('get_user_by_id')).toBe('=getuserbyid');
    expect(definitionTerm('GetUserById')).toBe('=getuserbyid');
    expect(definitionTerm('_')).toBe('=_');
  });

  test('the words of the name are marked as defined here', () => {
    expect(definitionTerms('RouteTable')).toEqual(['=routetable', '@rout', '@tabl', '@routetable']);
    expect(definitionTerms('Parser::parse')).toEqual(['=parser::parse', '=parse', '@pars']);
  });

  test('a name of punctuation only is a term still', () => {
    expect(definitionTerms('<=>')).toEqual(['=<=>']);
  });
});
