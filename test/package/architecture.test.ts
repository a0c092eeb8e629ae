// ARCHITECTURE.md lists the real tree: each file with the first sentence of its opening comment.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from './packed.js';

const DOCUMENT = join(ROOT, 'ARCHITECTURE.md');
const DESCRIBED = ['src', 'bench', 'scripts', '.ci'];

test('the tree in ARCHITECTURE.md is the real one', async () => {
  const text = readFileSync(DOCUMENT, 'utf8');
  const heading = '## The tree\n';
  const [before, section] = text.split(heading);
  const [introduction] = String(section).split('\n```\n');
  const tree = [...DESCRIBED.flatMap((folder) => described(folder)), ...tests()].join('\n');
  await expect(`${before}${heading}${introduction}\n\`\`\`\n${tree}\n\`\`\`\n`).toMatchFileSnapshot(DOCUMENT);
});

test('every source file opens with what it is', () => {
  const silent = filesIn('src').filter((path) => firstSentence(path) === '');
  expect(silent).toEqual([]);
});

function described(folder: string): readonly string[] {
  return filesIn(folder).map((path) => `${path}  ${firstSentence(path)}`.trimEnd());
}

/** Tests, one line per folder. */
function tests(): readonly string[] {
  const paths = filesIn('test');
  const folders = [...new Set(paths.map((path) => dirname(path)))];
  return folders.map((folder) => {
    const names = paths.filter((path) => dirname(path) === folder).map((path) => basename(path));
    return `${folder}  ${names.join(', ')}`;
  });
}

function filesIn(folder: string): readonly string[] {
  const entries = readdirSync(join(ROOT, folder), { withFileTypes: true });
  const sorted = entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  return sorted.flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (!entry.isDirectory()) return [path];
    return GENERATED.has(path) ? [] : filesIn(path);
  });
}

const GENERATED = new Set(['bench/.out']);

/** The comment that a file begins with, up to the end of its first sentence. */
function firstSentence(path: string): string {
  const lines = readFileSync(join(ROOT, path), 'utf8').split('\n');
  const opening = lines[0]?.startsWith('#!') ? lines.slice(1) : lines;
  const end = opening.findIndex((line) => !/^(\/\/|#) /.test(line));
  const comment = opening.slice(0, end).map((line) => line.replace(/^(\/\/|#) /, ''));
  return /^.*?(?=\.(?: |$)|$)/.exec(comment.join(' '))?.[0] ?? '';
}
