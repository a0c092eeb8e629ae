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
    const results = [result('a', 20), result('b', 20)];
    expect(pack(results, 6000, 'code')).toEqual({ results, cut: 0 });
  });

  it('gives the code of the best and the first lines of the rest', () => {
    const packed = pack([result('a', 60), result('b', 60), result('c', 60)], 600, 'code');
    expect(packed.results.map((r) => [r.path, r.truncated])).toEqual([
      ['a', false],
      ['b', true],
      ['c', true],
    ]);
    expect(packed.results[1]?.code.split('\n')).toHaveLength(3);
    expect(packed.cut).toBe(2);
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
});
