// Which files of a tree are found, with git and without, and why the others are not.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { discover } from '#src/discovery/discover.js';
import { addFiles, git, gitList, makeTree } from './tree.js';

const paths = async (root: string): Promise<string[]> => (await discover(root)).files.map((file) => file.path);
const skips = async (root: string): Promise<Record<string, string>> =>
  Object.fromEntries((await discover(root)).skipped.map((file) => [file.path, file.reason]));

const NESTED_RULES = {
  '.gitignore': '*.gen.ts\n/only-root.ts\nlogs/\n!keep.gen.ts\n# comment\ntrail\\ \n**/deep/*.ts\n',
  'only-root.ts': 'a',
  'sub/only-root.ts': 'a',
  'a.gen.ts': 'a',
  'keep.gen.ts': 'a',
  'logs/a.ts': 'a',
  'sub/logs/a.ts': 'a',
  'sub/.gitignore': '!b.gen.ts\nlocal.ts\n/anchored.ts\n',
  'sub/b.gen.ts': 'a',
  'sub/local.ts': 'a',
  'sub/anchored.ts': 'a',
  'sub/more/anchored.ts': 'a',
  'sub/more/local.ts': 'a',
  'x/deep/a.ts': 'a',
  'x/deep/er/a.ts': 'a',
  'unusual ⌘ name/é.ts': 'a',
  'src/main.ts': 'a',
};

it('finds what git lists, under nested ignore rules and negations, and the same without git', async () => {
  const root = makeTree(NESTED_RULES);
  const walked = await paths(root);
  git(root, 'init', '-q');
  expect(await paths(root)).toEqual(gitList(root));
  expect(walked).toEqual(gitList(root));
  expect(walked).toContain('sub/b.gen.ts');
  expect(walked).not.toContain('sub/more/local.ts');
});

it('honours info/exclude and global excludes, keeps tracked files whatever the rules say, drops deleted ones', async () => {
  const root = makeTree({
    'a.ts': 'a',
    'local.ts': 'a',
    'global.ts': 'a',
    'tracked.log.ts': 'a',
    'gone.ts': 'a',
    'my-excludes': 'global.ts\n',
  });
  git(root, 'init', '-q');
  git(root, 'add', 'tracked.log.ts', 'gone.ts');
  addFiles(root, { '.git/info/exclude': 'local.ts\nmy-excludes\n', '.gitignore': '*.log.ts\n' });
  git(root, 'config', 'core.excludesFile', join(root, 'my-excludes'));
  rmSync(join(root, 'gone.ts'));
  expect(await paths(root)).toEqual(['.gitignore', 'a.ts', 'tracked.log.ts']);
});

it('gives only the files of a sub directory, with the rules of the whole work tree', async () => {
  const root = makeTree({ ...NESTED_RULES, 'sub/c.gen.ts': 'a' });
  git(root, 'init', '-q');
  const expected = gitList(root)
    .filter((path) => path.startsWith('sub/'))
    .map((path) => path.slice(4));
  expect(await paths(join(root, 'sub'))).toEqual(expected);
});

it('goes into submodules and nested repositories, each with its own rules', async () => {
  const library = makeTree({ 'lib.ts': 'a', '.gitignore': 'ignored.ts\n', 'ignored.ts': 'a' });
  git(library, 'init', '-q');
  git(library, 'add', '.');
  git(library, 'commit', '-qm', 'first');
  const root = makeTree({
    'main.ts': 'a',
    'nested/inner.ts': 'a',
    'nested/.gitignore': 'no.ts\n',
    'nested/no.ts': 'a',
  });
  git(root, 'init', '-q');
  git(root, 'submodule', '--quiet', 'add', library, 'vendor/lib');
  git(join(root, 'nested'), 'init', '-q');
  addFiles(root, { 'vendor/lib/new.ts': 'a', 'vendor/lib/ignored.ts': 'a' });
  const nested = gitList(join(root, 'nested')).map((path) => `nested/${path}`);
  const module = gitList(join(root, 'vendor/lib')).map((path) => `vendor/lib/${path}`);
  expect(await paths(root)).toEqual(['.gitmodules', 'main.ts', ...nested, ...module].sort());
  expect(module).toContain('vendor/lib/new.ts');
});

it('lists a linked worktree', async () => {
  const root = makeTree({ 'main/a.ts': 'a' });
  git(join(root, 'main'), 'init', '-q');
  git(join(root, 'main'), 'add', '.');
  git(join(root, 'main'), 'commit', '-qm', 'first');
  git(join(root, 'main'), 'worktree', 'add', '-q', '../linked');
  addFiles(root, { 'linked/b.ts': 'b' });
  expect(await paths(join(root, 'linked'))).toEqual(['a.ts', 'b.ts']);
});

it('does not follow symbolic links, not even around in circles', async () => {
  const outside = makeTree({ 'secret.ts': 'a' });
  for (const withGit of [true, false]) {
    const root = makeTree({ 'src/a.ts': 'a' });
    symlinkSync('..', join(root, 'src/up'));
    symlinkSync(outside, join(root, 'out'));
    symlinkSync('self', join(root, 'self'));
    symlinkSync('src/a.ts', join(root, 'link.ts'));
    if (withGit) git(root, 'init', '-q');
    expect(await paths(root)).toEqual(['src/a.ts']);
    expect(await skips(root)).toEqual({ 'src/up': 'symlink', out: 'symlink', self: 'symlink', 'link.ts': 'symlink' });
  }
});

it('says why it leaves files out', async () => {
  const root = makeTree({
    'src/app.ts': 'a',
    '.env': 'KEY=1',
    '.env.example': 'KEY=',
    'deploy/id_rsa': 'x',
    'tls/server.pem': 'x',
    'package-lock.json': '{}',
    'logo.png': 'x',
    'rows.csv': 'a,b',
    'lib/jquery.min.js': 'x',
    'app.js.map': '{}',
    'empty.ts': '',
    'huge.ts': 'a'.repeat(1_000_001),
    '.codebaseignore': 'docs/\n*.tmp.ts\n!important.tmp.ts\n',
    'docs/a.md': 'a',
    'a.tmp.ts': 'a',
    'important.tmp.ts': 'a',
  });
  const expected = {
    '.env': 'secret',
    'deploy/id_rsa': 'secret',
    'tls/server.pem': 'secret',
    'package-lock.json': 'lock',
    'logo.png': 'media',
    'rows.csv': 'data',
    'lib/jquery.min.js': 'minified',
    'app.js.map': 'generated',
    'empty.ts': 'empty',
    'huge.ts': 'too-large',
    'a.tmp.ts': 'ignored',
  };
  expect(await skips(root)).toEqual({ ...expected, 'docs/': 'ignored' });
  git(root, 'init', '-q');
  git(root, 'add', 'docs/a.md');
  expect(await skips(root)).toEqual({ ...expected, 'docs/a.md': 'ignored' });
  expect(await paths(root)).toEqual(['.codebaseignore', '.env.example', 'important.tmp.ts', 'src/app.ts']);
});

it('leaves out dependencies and build output, unless git tracks them or the package is all there is', async () => {
  const root = makeTree({
    'package.json': '{}',
    'src/a.ts': 'a',
    'dist/a.js': 'a',
    'node_modules/lib/package.json': '{}',
    'node_modules/lib/dist/index.js': 'a',
    'node_modules/lib/node_modules/other/index.js': 'a',
    'api/__pycache__/x.py': 'a',
  });
  expect(await paths(root)).toEqual(['package.json', 'src/a.ts']);
  expect(await skips(root)).toEqual({
    'dist/': 'dependency',
    'node_modules/': 'dependency',
    'api/__pycache__/': 'dependency',
  });
  expect(await paths(join(root, 'node_modules/lib'))).toEqual(['dist/index.js', 'package.json']);

  git(root, 'init', '-q');
  expect(await paths(root)).toEqual(['dist/a.js', 'package.json', 'src/a.ts']);
  git(root, 'add', 'node_modules/lib/dist/index.js');
  expect(await paths(root)).toContain('node_modules/lib/dist/index.js');
  expect(await paths(root)).not.toContain('node_modules/lib/package.json');

  addFiles(root, { '.gitignore': 'node_modules/\n' });
  git(root, 'rm', '-q', '--cached', '-r', 'node_modules');
  expect(await paths(join(root, 'node_modules/lib'))).toEqual(['dist/index.js', 'package.json']);
});

it('skips names that are not UTF-8 and files that are not files', async () => {
  for (const withGit of [true, false]) {
    const root = makeTree({ 'a.ts': 'a' });
    writeFileSync(Buffer.concat([Buffer.from(`${root}/bad-`), Buffer.from([0xff, 0xfe]), Buffer.from('.ts')]), 'a');
    execFileSync('mkfifo', [join(root, 'pipe.ts')]);
    mkdirSync(join(root, 'none'));
    if (withGit) git(root, 'init', '-q');
    expect(await paths(root)).toEqual(['a.ts']);
    const reasons = Object.values(await skips(root));
    expect(reasons).toContain('name');
    // git does not list pipes at all.
    expect(reasons).toEqual(withGit ? ['name'] : ['name', 'special']);
  }
});

it('stops when asked to', async () => {
  const root = makeTree({ 'a.ts': 'a' });
  await expect(discover(root, AbortSignal.abort())).rejects.toThrow();
});

it('walks by itself where git refuses, and honours the same rules', async () => {
  const root = makeTree(NESTED_RULES);
  git(root, 'init', '-q');
  const expected = gitList(root);
  // A repository whose git directory is broken.
  rmSync(join(root, '.git/HEAD'));
  expect(await paths(root)).toEqual(expected);
});
