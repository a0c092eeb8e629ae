// The files found are git's: on random trees with random rules, and every difference has a reason.
import { chmodSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { discover } from '#src/discovery/discover.js';
import { addFiles, git, gitList, makeTree } from './tree.js';

const found = async (root: string): Promise<string[]> => (await discover(root)).files.map((file) => file.path);
const left = async (root: string): Promise<Record<string, string>> =>
  Object.fromEntries((await discover(root)).skipped.map((file) => [file.path, file.reason]));

const name = fc.constantFrom('a', 'b', 'lib', 'x y', 'é', 'A', '#c', '!d', 'w*', '[k]');
const directory = fc.array(name, { maxLength: 3 });
const file = fc
  .tuple(directory, name, fc.constantFrom('ts', 'py', 'gen.ts'))
  .map(([parts, base, extension]) => [...parts, `${base}.${extension}`].join('/'));
const rule = fc
  .tuple(
    fc.constantFrom('', '', '', '!', '/', '!/', '**/'),
    fc.oneof(
      fc.constantFrom(
        '*.ts',
        '*.gen.ts',
        '*',
        'lib/',
        'a',
        'a/',
        'a/b',
        'a/**',
        '**/b',
        'a/**/b',
        'lib/*',
        '[ab]',
        '?.py',
      ),
      fc.constantFrom(
        '\\#c',
        '\\!d',
        'x\\ y',
        'x y',
        'w\\*',
        '[!a]*',
        '[a-b].ts',
        '\\[k]',
        '*/b.py',
        'a.ts ',
        '# note',
        '',
      ),
      file,
    ),
    fc.constantFrom('', '', '', '/'),
  )
  .map((parts) => parts.join(''));
const ruleFile = fc.array(rule, { minLength: 1, maxLength: 5 }).map((rules) => `${rules.join('\n')}\n`);

interface RandomTree {
  readonly files: readonly string[];
  /** Directory → rules. */
  readonly rules: ReadonlyMap<string, string>;
}

const randomTree: fc.Arbitrary<RandomTree> = fc.record({
  files: fc.uniqueArray(file, { minLength: 3, maxLength: 25 }),
  rules: fc
    .array(fc.tuple(directory, ruleFile), { minLength: 1, maxLength: 4 })
    .map((all) => new Map(all.map(([parts, text]) => [[...parts, ''].join('/'), text]))),
});

/** The tree, with its rules in files of this name. A path that is a directory of another one is left out. */
function grow({ files, rules }: RandomTree, ruleName: string): string {
  const entries = [...files, ...[...rules.keys()].map((parent) => `${parent}${ruleName}`)];
  const text = (path: string): string => rules.get(path.slice(0, -ruleName.length)) ?? 'a';
  return makeTree(
    Object.fromEntries(
      entries.map((path) => [path, path.endsWith(`/${ruleName}`) || path === ruleName ? text(path) : 'a']),
    ),
  );
}

it('finds what git lists on random trees with nested rules, with git and by its own walk', async () => {
  await fc.assert(
    fc.asyncProperty(randomTree, async (tree) => {
      const root = grow(tree, '.gitignore');
      const walked = await found(root);
      git(root, 'init', '-q');
      const listed = gitList(root);
      expect(await found(root)).toEqual(listed);
      expect(walked).toEqual(listed);
      rmSync(root, { recursive: true });
    }),
    { numRuns: 120, seed: 4 },
  );
}, 300_000);

it('reads .codebaseignore as git reads .gitignore', async () => {
  await fc.assert(
    fc.asyncProperty(randomTree, async (tree) => {
      const theirs = grow(tree, '.gitignore');
      git(theirs, 'init', '-q');
      const ours = grow(tree, '.codebaseignore');
      const isRule = (path: string): boolean => /(^|\/)\.(git|codebase)ignore$/.test(path);
      const expected = gitList(theirs).filter((path) => !isRule(path));
      for (const withGit of [false, true]) {
        if (withGit) git(ours, 'init', '-q');
        expect((await found(ours)).filter((path) => !isRule(path))).toEqual(expected);
      }
      for (const root of [theirs, ours]) rmSync(root, { recursive: true });
    }),
    { numRuns: 60, seed: 5 },
  );
}, 300_000);

it('explains every difference from what git lists', async () => {
  const library = makeTree({ 'lib.ts': 'a' });
  git(library, 'init', '-q');
  git(library, 'add', '.');
  git(library, 'commit', '-qm', 'first');
  const origin = makeTree({
    'src/kept.ts': 'a',
    'src/deleted.ts': 'a',
    'src/folder.ts/was-a-folder.ts': 'a',
    'src/was-a-file.ts': 'a',
    'not-wanted/a.ts': 'a',
    'node_modules/tracked.ts': 'a',
    '.codebaseignore': 'not-wanted/\n',
    '.env': 'a',
    'go.sum': 'a',
    'logo.png': 'a',
    'rows.csv': 'a',
    'huge.ts': 'a'.repeat(1_000_001),
    'empty.ts': '',
    'a.min.js': 'a',
    'a.pb.go': 'a',
  });
  symlinkSync('src/kept.ts', join(origin, 'link.ts'));
  git(origin, 'init', '-q');
  git(origin, 'submodule', '--quiet', 'add', library, 'vendor/lib');
  git(origin, 'add', '.');
  git(origin, 'commit', '-qm', 'first');
  const root = makeTree({});
  git(root, 'clone', '-q', origin, '.');
  rmSync(join(root, 'src/deleted.ts'));
  rmSync(join(root, 'src/folder.ts'), { recursive: true });
  rmSync(join(root, 'src/was-a-file.ts'));
  addFiles(root, { 'src/folder.ts': 'a', 'src/was-a-file.ts/new.ts': 'a', 'node_modules/x/untracked.ts': 'a' });

  const { files, skipped } = await discover(root);
  expect(files.map((file) => file.path)).toEqual([
    '.codebaseignore',
    '.gitmodules',
    'node_modules/tracked.ts',
    'src/folder.ts',
    'src/kept.ts',
    'src/was-a-file.ts/new.ts',
  ]);
  expect(Object.fromEntries(skipped.map((file) => [file.path, file.reason]))).toEqual({
    '.env': 'secret',
    'a.min.js': 'minified',
    'a.pb.go': 'generated',
    'empty.ts': 'empty',
    'go.sum': 'lock',
    'huge.ts': 'too-large',
    'link.ts': 'symlink',
    'logo.png': 'media',
    'node_modules/': 'dependency',
    'not-wanted/a.ts': 'ignored',
    'rows.csv': 'data',
    'src/deleted.ts': 'vanished',
    'src/folder.ts/was-a-folder.ts': 'vanished',
    'src/was-a-file.ts': 'submodule',
    'vendor/lib': 'submodule',
  });
  const explained = (path: string): boolean =>
    [...files, ...skipped].some((known) => [path, `${path}/`].includes(known.path)) ||
    skipped.some((known) => known.path.endsWith('/') && path.startsWith(known.path));
  expect(gitList(root).filter((path) => !explained(path))).toEqual([]);
});

it('says so where it may not look', async () => {
  const root = makeTree({ 'a.ts': 'a', 'locked/b.ts': 'a' });
  git(root, 'init', '-q');
  git(root, 'add', '.');
  chmodSync(join(root, 'locked'), 0);
  const isSuperuser = process.getuid?.() === 0;
  const seen = await left(root);
  chmodSync(join(root, 'locked'), 0o700);
  // The superuser may read everything.
  expect(seen).toEqual(isSuperuser ? {} : { 'locked/b.ts': 'unreadable' });
});

it('takes a directory that only looks like a repository for what git takes it for', async () => {
  const root = makeTree({ 'a.ts': 'a', 'broken/.git': 'gitdir: /nowhere\n', 'broken/b.ts': 'a' });
  git(root, 'init', '-q');
  expect(await found(root)).toEqual(gitList(root));
});

it('ends in a submodule that is not checked out', async () => {
  const library = makeTree({ 'lib.ts': 'a' });
  git(library, 'init', '-q');
  git(library, 'add', '.');
  git(library, 'commit', '-qm', 'first');
  const origin = makeTree({ 'a.ts': 'a' });
  git(origin, 'init', '-q');
  git(origin, 'submodule', '--quiet', 'add', library, 'lib');
  git(origin, 'commit', '-qm', 'first');
  const root = makeTree({});
  git(root, 'clone', '-q', origin, '.');
  expect(await left(join(root, 'lib'))).toEqual({ './': 'submodule' });
});

const CONFIGURED = {
  'a.ts': 'a',
  'src/b.ts': 'a',
  'src/b.test.ts': 'a',
  'src/gen/c.ts': 'a',
  'src/gen/keep.ts': 'a',
  'docs/d.md': 'a',
  'docs/e.ts': 'a',
};

it('keeps to the include and exclude globs of the configuration, as patterns of git', async () => {
  const config = (globs: object): void =>
    addFiles(root, { '.codebase-mcp/config.json': JSON.stringify({ version: '1.0', ...globs }) });
  const root = makeTree(CONFIGURED);
  const ours = async (at = root): Promise<string[]> =>
    (await found(at)).filter((path) => !path.startsWith('.codebase'));
  for (const withGit of [false, true]) {
    if (withGit) git(root, 'init', '-q');
    config({ exclude: ['*.test.ts', 'src/gen/*', '!src/gen/keep.ts'] });
    expect(await ours()).toEqual(['a.ts', 'docs/d.md', 'docs/e.ts', 'src/b.ts', 'src/gen/keep.ts']);
    expect(await left(root)).toEqual({ 'src/b.test.ts': 'ignored', 'src/gen/c.ts': 'ignored' });
    // A .codebaseignore file has the last word, and knows nothing of what is above an excluded directory.
    addFiles(root, { 'src/.codebaseignore': '!b.test.ts\n' });
    expect(await ours()).toContain('src/b.test.ts');
    rmSync(join(root, 'src/.codebaseignore'));

    config({ include: ['/src/', '*.md'], exclude: ['gen/'] });
    expect(await ours()).toEqual(['docs/d.md', 'src/b.test.ts', 'src/b.ts']);
    expect(await left(root)).toMatchObject({ 'a.ts': 'not-included', 'docs/e.ts': 'not-included' });
    // Patterns are those of the directory that holds the configuration, whatever is indexed below it.
    expect(await ours(join(root, 'src'))).toEqual(['b.test.ts', 'b.ts']);
  }
  config({ exclude: 'src/' });
  await expect(discover(root)).rejects.toThrow(/config\.json: exclude is missing or not what it must be/);
});
