import { describe, expect, it } from 'vitest';
import { globToRegex, pathFilter } from '#src/search/glob.js';

const matches = (glob: string, path: string): boolean => new RegExp(globToRegex(glob)).test(path);

describe('path globs', () => {
  it.each([
    ['*.ts', 'a/b/c.ts', true],
    ['*.ts', 'a/b/c.tsx', false],
    ['src/*.ts', 'src/a.ts', true],
    ['src/*.ts', 'src/a/b.ts', false],
    ['src/**/*.ts', 'src/a.ts', true],
    ['src/**/*.ts', 'src/a/b/c.ts', true],
    ['src/**', 'src/a/b/c.ts', true],
    ['src', 'src/a/b/c.ts', true],
    ['src/', 'src/a.ts', true],
    ['src', 'lib/src/a.ts', true],
    ['/src', 'lib/src/a.ts', false],
    ['**/test/**', 'a/test/b.ts', true],
    ['*.{ts,tsx}', 'a.tsx', true],
    ['*.{ts,tsx}', 'a.js', false],
    ['[ab].c', 'b.c', true],
    ['[!ab].c', 'b.c', false],
    ['a?.c', 'ab.c', true],
    ['a+(b).c', 'a+(b).c', true],
    ['a.c', 'aXc', false],
  ])('%s on %s: %s', (glob, path, expected) => {
    expect(matches(glob, path)).toBe(expected);
  });

  it('separates what to include from what to exclude', () => {
    const { include, exclude } = pathFilter(['src/**', '!*.test.ts', '']);
    expect(include).toHaveLength(1);
    expect(exclude).toEqual([globToRegex('*.test.ts')]);
  });
});
