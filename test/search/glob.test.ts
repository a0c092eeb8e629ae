import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pathFilter } from '#src/search/glob.js';

const matches = (glob: string, path: string): boolean => pathFilter([glob])?.(path) ?? true;

describe('path globs', () => {
  it.each([
    ['*.ts', 'a/b/c.ts', true],
    ['*.ts', 'a/b/c.tsx', false],
    ['src/*.ts', 'src/a.ts', true],
    ['src/*.ts', 'src/a/b.ts', false],
    ['src/**/*.ts', 'src/a.ts', true],
    ['src/**/*.ts', 'src/a/b/c.ts', true],
    ['src/**', 'src/a/b/c.ts', true],
    ['src/**', 'src', false],
    ['src', 'src/a/b/c.ts', true],
    ['src/', 'src/a.ts', true],
    ['./src', 'src/a.ts', true],
    ['src', 'lib/src/a.ts', true],
    ['/src', 'lib/src/a.ts', false],
    ['**/test/**', 'a/test/b.ts', true],
    ['**/test/**', 'test/b.ts', true],
    ['**/test.ts', 'test.ts', true],
    ['a/**/b', 'a/x/y/b', true],
    ['a/**/b', 'ab', false],
    ['*.{ts,tsx}', 'a.tsx', true],
    ['*.{ts,tsx}', 'a.js', false],
    ['*.{ts,{js,jsx}}', 'a.jsx', true],
    ['{src,lib}/**', 'lib/a.c', true],
    ['{a', 'x/{a', true],
    ['a}', 'a}', true],
    ['[ab].c', 'b.c', true],
    ['[!ab].c', 'b.c', false],
    ['[a-c][0-9].c', 'b7.c', true],
    ['a[!b]c', 'a/c', false],
    ['a?.c', 'ab.c', true],
    ['a?c', 'a/c', false],
    ['?.c', '🙂.c', true],
    ['a+(b).c', 'a+(b).c', true],
    ['a.c', 'aXc', false],
    ['a\\d', 'a\\d', true],
    // What would mean something else to a regular expression, or be none.
    ['[z-a]', 'z', false],
    ['[!]', '!', true],
    ['[]', '[]', true],
    ['[a', '[a', true],
    ['[[:alpha:]]', ':]', true],
  ])('%s on %s: %s', (glob, path, expected) => {
    expect(matches(glob, path)).toBe(expected);
  });

  it('takes what matches one glob and none with an exclamation mark', () => {
    const filter = pathFilter(['src/**', 'lib', '!*.test.ts', '']);
    const paths = ['src/a.ts', 'src/a.test.ts', 'lib/b.c', 'docs/c.md'];
    expect(paths.filter((path) => filter?.(path))).toEqual(['src/a.ts', 'lib/b.c']);
    expect(pathFilter(['', ' '])).toBeNull();
  });

  it('takes a path that begins with the repository’s as one in it', () => {
    const filter = (glob: string) => pathFilter([glob], ['/work/shop'])?.('src/a.ts');
    expect([filter('/work/shop/src/**'), filter('/work/shop'), filter('/work/shop/lib'), filter('/work/sho')]).toEqual([
      ...[true, true, false, false],
    ]);
    expect(pathFilter(['!/work/shop/src/**'], ['/work/shop'])?.('src/a.ts')).toBe(false);
  });

  it('finds what a regular expression finds', () => {
    const part = fc.constantFrom('a', 'b', '.', '/', '*', '**', '**/', '?', '[ab]', '[!a]', '{a,b/}', '{,*b}');
    const globs = fc.array(part, { minLength: 1, maxLength: 7 }).map((parts) => parts.join(''));
    const path = fc.stringMatching(/^([ab.]{1,3}\/){0,3}[ab.]{1,4}$/);
    fc.assert(
      fc.property(globs, path, (glob, text) => {
        fc.pre(!/\*{3}|^\.?\/|\/$/.test(glob));
        const parts = glob.match(/\*\*\/|\*\*|\[.*?\]|\{.*?\}|./g) ?? [];
        const anchor = glob.includes('/') ? '^' : '^(.*/)?';
        const regex = new RegExp(`${anchor}${parts.map((each) => REGEX[each] ?? each).join('')}(/.*)?$`);
        expect(`${glob} on ${text}: ${matches(glob, text)}`).toBe(`${glob} on ${text}: ${regex.test(text)}`);
      }),
      { numRuns: 2000 },
    );
  });
});

/** The same parts as a regular expression has them. */
const REGEX: Readonly<Record<string, string>> = {
  '.': '\\.',
  '*': '[^/]*',
  '**': '.*',
  '**/': '(.*/)?',
  '?': '[^/]',
  '[!a]': '[^a/]',
  '{a,b/}': '(a|b/)',
  '{,*b}': '(|[^/]*b)',
};

describe('path globs of a request that costs too much', () => {
  const paths = Array.from({ length: 3000 }, (_, i) => {
    const name = createHash('sha256').update(`${i}`).digest('base64url');
    return `packages/${i % 70}/source/${name}/index-${i}.ts`;
  });
  const ask = (globs: readonly string[]) => {
    const filter = pathFilter(globs);
    return paths.filter((path) => filter?.(path)).length;
  };
  const hundred = (glob: (i: number) => string) => Array.from({ length: 100 }, (_, i) => glob(i));

  it('a hundred ordinary ones are compared', () => {
    expect(ask(hundred((i) => `packages/${i}/**/*ind*-*.{ts,tsx,js,jsx,mts,cts}`))).toBe(3000);
    expect(ask(hundred((i) => `**/*x-${i}*.{ts,js}`))).toBe(3000);
    expect(ask(paths.slice(0, 100))).toBe(100);
    expect(ask([...hundred((i) => `${`very-deep-${i}/`.repeat(250)}*.ts`).slice(1), 'packages/7/*/**'])).toBe(43);
  });

  it.each([
    ['wildcards', hundred(() => '**?'.repeat(33)), /^The path globs have too many wildcards to be compared with all/],
    ['letters between them', hundred((i) => `**${'ecnisxa'[i % 7]}`.repeat(33)), /^The path globs have too many/],
    ['sets', hundred((i) => `**${`[!${'ecnisxa'[i % 7]}]`.repeat(20)}`), /^The path globs have too many wildcards/],
  ])('too many %s are refused in one sentence', (_, globs, sentence) => {
    expect(() => ask(globs)).toThrow(sentence);
  });

  it.each([
    '*'.repeat(9000),
    '{'.repeat(9000),
    '{'.repeat(5000) + '}'.repeat(5000),
    '['.repeat(9000),
    '*a'.repeat(5000),
  ])('%#: one that only looks so is compared', (glob) => {
    expect(ask([glob])).toBe(glob.startsWith('**') ? 3000 : 0);
  });
});
