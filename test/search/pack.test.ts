import { describe, expect, it } from 'vitest';
import { pack } from '#src/search/pack.js';
import type { SearchResult } from '#src/service.js';

function result(path: string, lines: number): SearchResult {
  const code = Array.from({ length: lines }, (_, i) => `const line${i} = ${i};`).join('\n');
  const place = { start_line: 1, end_line: lines, symbol: null, kind: null };
  return {
    project: 'default',
    repository: '/r',
    path,
    language: 'typescript',
    ...place,
    score: 1,
    code_line: 1,
    code,
    truncated: false,
    more: [],
  };
}

describe('pack', () => {
  it('leaves everything whole while it fits', () => {
    const results = [result('a', 20), result('b', 21)];
    expect(pack(results, 6000, 'code')).toEqual({ results, notes: [] });
  });

  it('gives the code of the best and the first lines of the rest', () => {
    const packed = pack([result('a', 60), result('b', 61), result('c', 62)], 1000, 'code');
    expect(packed.results.map((r) => [r.path, r.truncated])).toEqual([
      ['a', false],
      ['b', true],
      ['c', true],
    ]);
    expect(packed.results[1]?.code.split('\n')).toHaveLength(3);
    expect(packed.notes).toEqual([
      'max_tokens left room for only the first lines of 2 of the results; raise it or read the files.',
    ]);
  });

  it('drops from the end what does not fit at all, and keeps the best', () => {
    const packed = pack(
      Array.from({ length: 100 }, (_, i) => result(`f${i}`, 60)),
      200,
      'code',
    );
    expect(packed.results.length).toBeLessThan(10);
    expect(packed.results[0]?.path).toBe('f0');
  });

  it('shows code once that stands in several places, and says where else', () => {
    const three = [result('a', 20), result('b', 20), { ...result('a', 20), repository: '/s' }];
    const packed = pack(three, 6000, 'code');
    expect(packed.results.map(({ code }) => code === '')).toEqual([false, true, true]);
    expect(packed.notes).toEqual(['The same code is shown once: b:1-20 as a:1-20, /s/a:1-20 as /r/a:1-20.']);
    expect(pack([result('a', 2), result('b', 2)], 6000, 'code').notes).toEqual([]);
    expect(pack(three, 6000, 'paths').notes).toEqual([]);
  });

  it('leaves nothing out of what becomes part of another answer', () => {
    const results = [result('a', 20), result('b', 20)];
    expect(pack(results, Number.POSITIVE_INFINITY, 'code')).toEqual({ results, notes: [] });
  });
});
