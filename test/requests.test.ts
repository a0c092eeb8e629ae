// Arguments from a command line or a model: accepted when only written differently, otherwise one sentence.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { CodebaseError } from '#src/errors.js';
import { parseRequest } from '#src/requests.js';
import { SearchRequest } from '#src/service.js';

const sentence = (raw: Record<string, unknown>): string => {
  try {
    parseRequest(SearchRequest, raw);
    return 'accepted';
  } catch (error) {
    expect(error).toBeInstanceOf(CodebaseError);
    return (error as CodebaseError).message;
  }
};

test('numbers as text, one value instead of a list, and null for "not given" are understood', () => {
  const raw = { query: 'x', limit: '5', paths: 'src/**', languages: '["go", "rust"]', repository: null };
  const request = parseRequest(SearchRequest, raw);
  expect(request).not.toHaveProperty('repository');
  expect(request).toMatchObject({
    query: 'x',
    limit: 5,
    paths: ['src/**'],
    languages: ['go', 'rust'],
    max_tokens: 6000,
  });
});

test('a glob that begins with a bracket is one glob', () => {
  expect(parseRequest(SearchRequest, { query: 'x', paths: '[ab]/**' }).paths).toEqual(['[ab]/**']);
});

test('what is wrong is one sentence that names the argument, the value and what is allowed', () => {
  expect(sentence({ query: 'x', limit: 0 })).toMatchInlineSnapshot(
    `"limit must be a whole number from 1 to 100, not 0."`,
  );
  expect(sentence({ query: 'x', limit: '10000' })).toMatchInlineSnapshot(
    `"limit must be a whole number from 1 to 100, not 10000."`,
  );
  expect(sentence({ query: 'x', limit: 2.5 })).toMatchInlineSnapshot(
    `"limit must be a whole number from 1 to 100, not 2.5."`,
  );
  expect(sentence({ query: 'x', max_tokens: 'many' })).toMatchInlineSnapshot(
    `"max_tokens must be a whole number from 200 to 100000, not "many"."`,
  );
  expect(sentence({ query: 'x', languages: { go: true } })).toMatchInlineSnapshot(
    `"languages must be a list of at most 100, each item text of 0 to 100 characters, not {"go":true}."`,
  );
  expect(sentence({ query: 'x', paths: [1] })).toMatchInlineSnapshot(
    `"paths must be a list of at most 100, each item text of 0 to 4,096 characters, not [1]."`,
  );
  expect(sentence({ query: 7 })).toMatchInlineSnapshot(`"query must be text of 1 to 10,000 characters, not 7."`);
  expect(sentence({})).toMatchInlineSnapshot(`"query is missing; it must be text of 1 to 10,000 characters."`);
  expect(sentence({ query: 'x', colour: 'red' })).toMatchInlineSnapshot(
    `"There is no argument "colour"; the arguments are query, projects, all_projects, project, repository, paths, languages, limit, detail, max_tokens, explain."`,
  );
});

test('the argument is called what the surface calls it', () => {
  const nameOf = (field: string) => `--${field.replace('_', '-')}`;
  expect(() => parseRequest(SearchRequest, { query: 'x', max_tokens: 1 }, nameOf)).toThrow(
    '--max-tokens must be a whole number from 200 to 100000, not 1.',
  );
});

test('lengths, choices and truth values have their own words', () => {
  const Schema = z.object({ text: z.string().min(1).max(2000), colour: z.enum(['red', 'blue']), on: z.boolean() });
  const wrong = (raw: object) => () => parseRequest(Schema, { text: 'x', colour: 'red', on: true, ...raw });
  expect(wrong({ text: '' })).toThrow('text must be text of 1 to 2,000 characters, not empty.');
  expect(wrong({ text: 'x'.repeat(100_000) })).toThrow(
    'text must be text of 1 to 2,000 characters, not 100,000 characters.',
  );
  expect(wrong({ colour: 'green' })).toThrow('colour must be one of red, blue, not "green".');
  expect(wrong({ on: 'perhaps' })).toThrow('on must be true or false, not "perhaps".');
  expect(parseRequest(Schema, { text: 'x', colour: 'red', on: 'false' }).on).toBe(false);
});

test('whatever is passed, the outcome is a request or a sentence', () => {
  const field = fc.constantFrom('query', 'limit', 'paths', 'languages', 'repository', 'max_tokens', 'project', 'other');
  fc.assert(
    fc.property(fc.dictionary(field, fc.jsonValue()), (raw) => {
      const text = sentence(raw);
      expect(text).toMatch(/^accepted$|^[^\n]{1,400}\.$/u);
    }),
    { numRuns: 2000 },
  );
});
