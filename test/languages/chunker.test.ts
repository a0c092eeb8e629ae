// What holds for every text: whole lines, each once and in order, within the size limits, the same every time.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { discover } from '#src/discovery/discover.js';
import { LANGUAGES } from '#src/languages/catalog.js';
import type { Chunk } from '#src/languages/chunk.js';
import { type Chunker, createChunker, MAX_LINE_LENGTH } from '#src/languages/chunker.js';
import { MAX_LINES, MAX_WEIGHT } from '#src/languages/lines.js';

let chunker: Chunker;
beforeAll(async () => {
  chunker = await createChunker();
});

const notBlank = (text: string): number => text.replace(/\s+/g, '').length;

/** Throws where chunks are not the lines of the text. One comparison per file: thousands of them would take minutes. */
function checkChunks(text: string, chunks: readonly Chunk[]): void {
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  const wrong: unknown[] = [];
  let next = 1;
  for (const chunk of chunks) {
    const size = chunk.endLine - chunk.startLine + 1;
    const expected = lines.slice(next - 1, chunk.endLine).map((line) => line.slice(0, MAX_LINE_LENGTH));
    const tooLarge = size > MAX_LINES || (size > 1 && notBlank(chunk.text) > MAX_WEIGHT);
    const twice = new Set(chunk.definitions).size < chunk.definitions.length;
    // A symbol is inside its chunk: the chunk holds the line that names it.
    const elsewhere = chunk.definitions.some((name) => !chunk.text.includes(name.replace(/…$/, '')));
    if (elsewhere || chunk.startLine !== next || size < 1 || chunk.text !== expected.join('\n') || tooLarge || twice)
      wrong.push(chunk);
    next = chunk.endLine + 1;
  }
  expect({ wrong, lines: next - 1 }).toEqual({ wrong: [], lines: lines.length });
}

const PATHS = LANGUAGES.filter((language) => language.extensions.length > 0).map(
  (language) => `a.${language.extensions[0]}`,
);

const token = fc.constantFrom(
  ...[
    'function f() {',
    '}',
    'class A {',
    '{',
    '(',
    ')',
    '];',
    'def f(x):',
    '    return 1',
    '  x = 1',
    'end',
    'if (a) {',
    'else',
    '// c',
  ],
  ...[
    '/* c',
    '*/',
    '# c',
    '"',
    "'",
    '`',
    '<div>',
    '</div>',
    '# Title',
    '- item',
    'key: value',
    '"k": 1,',
    '',
    '',
    '\t',
    'module M',
    'do',
    'fn x() {',
  ],
  ...[
    'export const a = () => {',
    'x'.repeat(200),
    'let y = [',
    '@dec',
    '#[attr]',
    '/** doc */',
    '\\',
    '<<EOF',
    'EOF',
    '\u{1F600}',
    'é',
  ],
);
const codeLike = fc.array(token, { maxLength: 120 }).map((lines) => lines.join('\n'));
const anyText = fc.oneof(
  codeLike,
  codeLike.map((text) => `${text}\n`),
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.string({ maxLength: 300 }),
);

it('covers every line of generated text once and in order, in every language', () => {
  fc.assert(
    fc.property(fc.constantFrom(...PATHS, 'a.unknown'), anyText, (path, text) => {
      checkChunks(text, chunker.chunk(path, text).chunks);
    }),
    { numRuns: 1500, seed: 1 },
  );
}, 300_000);

it('covers every line of real files, and cuts them the same way twice', async () => {
  const root = join(process.cwd(), 'node_modules');
  const { files } = await discover(root);
  const byExtension = new Map<string, string[]>();
  for (const { path } of files) {
    const extension = path.slice(path.lastIndexOf('.') + 1);
    byExtension.set(extension, [...(byExtension.get(extension) ?? []), path]);
  }
  let checked = 0;
  for (const paths of byExtension.values()) {
    const step = Math.ceil(paths.length / 15);
    for (const path of paths.filter((_, i) => i % step === 0)) {
      const text = readFileSync(join(root, path), 'utf8');
      const first = chunker.chunk(path, text);
      checkChunks(text, first.chunks);
      expect(chunker.chunk(path, text)).toEqual(first);
      checked++;
    }
  }
  expect(checked).toBeGreaterThan(50);
}, 300_000);

const method = (name: string, lines: number): string[] => [
  `  /** What ${name} is for. */`,
  `  ${name}(): void {`,
  ...Array.from({ length: lines }, (_, i) => `    this.step${i}('some argument');`),
  '  }',
];

it('splits a large class at its methods, and names their place', () => {
  const source = [
    '/** Doc. */',
    'export class Engine {',
    ...method('start', 30),
    '',
    ...method('stop', 30),
    ...method('tiny', 1),
    '}',
    '',
  ].join('\n');
  const { chunks } = chunker.chunk('engine.ts', source);
  expect(
    chunks.map((chunk) => [chunk.symbol, chunk.kind, chunk.parents.join('.'), chunk.definitions.join(' ')]),
  ).toEqual([
    ['start', 'method', 'Engine', 'Engine start'],
    ['stop', 'method', 'Engine', 'stop tiny'],
  ]);
  expect(chunks[1]?.text).toMatch(/^ {2}\/\*\* What stop is for/);
});

it('keeps the name of a function in all the chunks it is split into', () => {
  const body = Array.from({ length: 120 }, (_, i) => `  call(${i}, "argument of the call");`);
  const { chunks } = chunker.chunk('a.ts', ['function long() {', ...body, '}'].join('\n'));
  expect(chunks.length).toBeGreaterThan(2);
  expect(chunks.map((chunk) => chunk.symbol)).toEqual(chunks.map(() => 'long'));
  expect(chunks.flatMap((chunk) => chunk.definitions)).toEqual(['long']);
});

it('keeps overloads together', () => {
  const body = Array.from({ length: 12 }, (_, i) => `  use(a, ${i}, "something to do");`);
  const before = ['function before(a) {', ...body, '}'];
  const source = [
    ...before,
    'function over(a: string): void;',
    'function over(a: number): void;',
    'function over(a: unknown) {',
    ...body,
    '}',
  ];
  expect(chunker.chunk('a.ts', source.join('\n')).chunks.map((chunk) => chunk.definitions)).toEqual([
    ['before'],
    ['over'],
  ]);
});

it('uses line windows where there is no grammar, and says so', () => {
  const text = Array.from({ length: 200 }, (_, i) => `line ${i} of a file in no known language`).join('\n');
  expect(chunker.chunk('notes.unknown', text)).toMatchObject({ language: null, mode: 'no-grammar' });
  expect(chunker.chunk('data.json', `[${'1,'.repeat(5000)}1]`)).toMatchObject({ language: 'json', mode: 'long-lines' });
  expect(chunker.chunk('a.ts', '')).toEqual({ language: 'typescript', mode: 'syntax', chunks: [] });
});

it('survives text made to break parsers', () => {
  const folded = (text: string): string => text.replace(/.{100}/g, '$&\n');
  for (const [path, text] of [
    ['a.ts', folded('['.repeat(5000) + ']'.repeat(5000))],
    ['b.ts', 'function f() {\n'.repeat(5000)],
    ['c.py', folded('('.repeat(20_000))],
    ['d.swift', folded('a<b<c(d) '.repeat(300))],
    ['e.pl', folded('sub a { sub '.repeat(20_000))],
    ['f.json', folded('{"a":'.repeat(10_000))],
    ['g.md', folded('*a_'.repeat(10_000))],
    ['h.c', '#if A\n'.repeat(10_000)],
    ['i.rs', `${' '.repeat(500_000)}\n${'\n'.repeat(100_000)}`],
  ] as const) {
    checkChunks(text, chunker.chunk(path, text).chunks);
  }

  // Each callback of this one is slow: only the limit on processor time ends it.
  const bomb = folded('function()'.repeat(20_000));
  const file = chunker.chunk('e.lua', bomb);
  expect(file.mode).toBe('parse-limit');
  checkChunks(bomb, file.chunks);
}, 300_000);
