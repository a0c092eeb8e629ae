import { describe, expect, test } from 'vitest';
import { encodePostings, readPostings } from '#src/lexical/postings.js';
import { definitionTerms, terms } from '#src/lexical/terms.js';
import type { Evidence } from '#src/search/evidence.js';
import { pathFacts } from '#src/search/path-facts.js';
import { parseQuery, type Query } from '#src/search/query.js';
import { rank } from '#src/search/rank.js';
import { allSignals, type FileSignals, SIGNAL_NAMES } from '#src/search/signals.js';

/** Files of one chunk each, as the index would describe them to the ranker; no vectors. */
function files(
  query: Query,
  sources: Readonly<Record<string, { text: string; defines?: readonly string[] }>>,
): readonly FileSignals[] {
  const wanted = [...query.words, ...query.joined, ...query.symbols, ...query.compounds, ...query.definitionWords];
  const evidence = Object.entries(sources).map(([path, { text, defines = [] }], id): Evidence => {
    const { postings } = encodePostings([[...terms(text), ...terms(path), ...defines.flatMap(definitionTerms)]]);
    return {
      id: String(id),
      repositoryId: '1',
      path,
      facts: pathFacts(path),
      language: null,
      postings: readPostings(postings, wanted),
      cosines: null,
      quoting: [],
    };
  });
  const documentFrequencies = new Map(
    wanted.map((term) => [term, evidence.filter(({ postings }) => postings.frequencies.has(term)).length]),
  );
  return allSignals(query, { files: evidence.length, documentFrequencies }, evidence);
}

function order(text: string, sources: Parameters<typeof files>[1]): readonly string[] {
  const query = parseQuery(text);
  return rank(query.kind, files(query, sources), 10).map(({ file }) => file.evidence.path);
}

describe('the order of files', () => {
  test('a symbol: the file that defines it stands before those that use it', () => {
    const sources = {
      'src/app.ts': { text: 'parseConfig(); parseConfig(); parseConfig();' },
      'src/settings.ts': { text: 'export function parseConfig() {}', defines: ['parseConfig'] },
      'src/main.ts': { text: 'import { parseConfig } from "./settings"; parseConfig()' },
    };
    expect(order('parseConfig', sources)[0]).toBe('src/settings.ts');
    expect(order('parse_config', sources)[0]).toBe('src/settings.ts');
    expect(order('where is parseConfig called from', sources)[0]).toBe('src/settings.ts');
  });

  test('a question: code stands before its tests, and a name in another form of the word counts', () => {
    const text = 'serialize the value and write it out';
    const [first, second] = order('how are values serialized', {
      'tests/serializer.test.ts': { text },
      'src/serializer.ts': { text },
      'src/server.ts': { text: 'listen on the port' },
    });
    expect([first, second]).toEqual(['src/serializer.ts', 'tests/serializer.test.ts']);
  });

  test('a question about tests: the test is no longer marked down', () => {
    const text = 'serialize the value and write it out';
    const sources = { 'src/serializer.ts': { text }, 'tests/serializer.test.ts': { text: `${text} test` } };
    expect(order('tests of serialize', sources)[0]).toBe('tests/serializer.test.ts');
    expect(order('serialize', sources)[0]).toBe('src/serializer.ts');
  });

  test('equal files stand in the order of their paths', () => {
    const same = { text: 'open the door' };
    expect(order('door', { 'c.ts': same, 'a.ts': same, 'b.ts': same })).toEqual(['a.ts', 'b.ts', 'c.ts']);
  });
});

test('what the signals add makes the score, and nothing else does', () => {
  const query = parseQuery('retry with backoff');
  const ranked = rank(
    query.kind,
    files(query, {
      'src/retry.ts': { text: 'retry retry backoff', defines: ['retry'] },
      'docs/notes.md': { text: 'backoff' },
    }),
    10,
  );
  for (const { score, points } of ranked) {
    expect(SIGNAL_NAMES.reduce((sum, name) => sum + points[name], 0)).toBeCloseTo(score, 9);
  }
  expect(ranked[0]?.points.name_near_query).toBeGreaterThan(0);
  expect(ranked[1]?.points.prose).toBeLessThan(0);
});
