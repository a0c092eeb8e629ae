// A change anywhere in a watched tree is told, however its directories came to be.
import { spawnSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { discover } from '#src/discovery/discover.js';
import { directoriesOf, TreeWatch } from '#src/discovery/watch.js';
import { addFiles, makeTree } from './tree.js';

interface Watched {
  readonly tree: TreeWatch;
  /** Brings the tree up to date, as whoever indexes it does, and forgets what was told until then. */
  readonly settle: () => Promise<void>;
  /** Resolves when a change is told after this call, or was told since the last one. */
  readonly change: () => Promise<void>;
  readonly quiet: () => boolean;
}

/** `meanwhile` happens while the tree is looked at for the first time. */
async function watched(root: string, meanwhile?: () => void): Promise<Watched> {
  let told = 0;
  let taken = 0;
  const tree = new TreeWatch(root, {
    changed: () => told++,
    gaveUp: (why) => {
      throw new Error(why);
    },
  });
  onTestFinished(() => tree.close());
  const { files } = await discover(root);
  meanwhile?.();
  tree.update(directoriesOf(files));
  const settle = async (): Promise<void> => {
    await sleep(50);
    while (tree.isOutdated) tree.update(directoriesOf((await discover(root)).files));
    taken = told;
  };
  await settle();
  return {
    tree,
    settle,
    change: async () => {
      while (told === taken) await sleep(5);
      taken = told;
    },
    quiet: () => told === taken,
  };
}

it('names the directories of files', () => {
  const files = ['a.ts', 'b/c/d.ts', 'b/e.ts'].map((path) => ({ path }));
  expect([...directoriesOf(files)].sort()).toEqual(['', 'b/', 'b/c/']);
  expect([...directoriesOf([])]).toEqual(['']);
});

it('tells of files that are written, renamed, removed and made', async () => {
  const root = makeTree({ 'a.ts': 'a', 'src/b.ts': 'a' });
  const { change } = await watched(root);
  writeFileSync(join(root, 'src/b.ts'), 'b');
  await change();
  renameSync(join(root, 'src/b.ts'), join(root, 'src/c.ts'));
  await change();
  rmSync(join(root, 'a.ts'));
  await change();
  addFiles(root, { 'new.ts': 'a' });
  await change();
});

it('follows directories that are made in a row, moved in, emptied and removed', async () => {
  const root = makeTree({ 'a.ts': 'a' });
  const outside = makeTree({ 'moved/deep/x.ts': 'a' });
  const { change, settle } = await watched(root);
  mkdirSync(join(root, 'one/two/three'), { recursive: true });
  await change();
  // Until an update the directories are watched though no file is in them; and afterwards, while they are empty.
  await settle();
  addFiles(root, { 'one/two/three/late.ts': 'a' });
  await change();
  renameSync(join(outside, 'moved'), join(root, 'moved'));
  await change();
  await settle();
  addFiles(root, { 'moved/deep/y.ts': 'a' });
  await change();
  rmSync(join(root, 'moved'), { recursive: true });
  await change();
  await sleep(100);
  mkdirSync(join(root, 'moved'));
  await change();
  addFiles(root, { 'moved/again.ts': 'a' });
  await change();
});

it('says that a directory is new, so that what came before it was watched is not missed', async () => {
  const root = makeTree({ 'a.ts': 'a' });
  const { change, tree } = await watched(root);
  addFiles(root, { 'fresh/b.ts': 'a' });
  await change();
  expect(tree.isOutdated).toBe(true);
});

it('watches directories too that came while the tree was looked at', async () => {
  const root = makeTree({ 'a.ts': 'a', 'src/b.ts': 'a' });
  const { change } = await watched(root, () => addFiles(root, { 'src/new/deep/c.ts': 'a' }));
  addFiles(root, { 'src/new/deep/d.ts': 'a' });
  await change();
});

it('tells a directory from another that took its place', async () => {
  const root = makeTree({ 'a.ts': 'a', 'gen/deep/b.ts': 'a' });
  const { change, settle } = await watched(root);
  const replacedBy = async (replace: () => void): Promise<void> => {
    replace();
    addFiles(root, { 'gen/deep/b.ts': 'b' });
    await settle();
    addFiles(root, { 'gen/deep/c.ts': 'b' });
    await change();
  };
  for (let round = 0; round < 5; round++) {
    // Made again before anyone could look, as generators do: on most file systems with the same inode numbers.
    await replacedBy(() => rmSync(join(root, 'gen'), { recursive: true }));
    await replacedBy(() => renameSync(join(root, 'gen'), join(root, `away${round}`)));
  }
});

it('is not outdated for ever by a directory that cannot be watched', async () => {
  const root = makeTree({ 'a.ts': 'a' });
  const { tree } = await watched(root);
  tree.update(new Set(['', 'gone/']));
  expect(tree.isOutdated).toBe(false);
});

it('is outdated while its root is away', () => {
  const root = makeTree({ 'a.ts': 'a' });
  const tree = new TreeWatch(root, { changed: () => {}, gaveUp: () => {} });
  onTestFinished(() => tree.close());
  renameSync(root, `${root}-away`);
  expect(tree.update(new Set(['']))).toBe(false);
  expect(tree.isOutdated).toBe(true);
  renameSync(`${root}-away`, root);
  expect(tree.update(new Set(['']))).toBe(true);
  expect(tree.update(new Set(['']))).toBe(false);
  expect(tree.isOutdated).toBe(false);
});

it('has no ear for repositories’ own files, dependencies and what is never indexed', async () => {
  const root = makeTree({ 'a.ts': 'a', '.git/HEAD': 'ref: x', 'node_modules/x/a.js': 'a' });
  const { change, quiet } = await watched(root);
  addFiles(root, { '.git/index': 'a', 'node_modules/x/b.js': 'a', 'server.log': 'a', 'picture.png': 'a' });
  await sleep(200);
  expect(quiet()).toBe(true);
  addFiles(root, { 'b.ts': 'a' });
  await change();
});

const LIMITED = `
  import { TreeWatch } from ${JSON.stringify(new URL('../../dist/discovery/watch.js', import.meta.url).href)};
  const directories = new Set(process.argv[2].split(','));
  const tree = new TreeWatch(process.argv[1], { changed: () => {}, gaveUp: (why) => process.stdout.write(why) });
  tree.update(directories);
  tree.close();
`;

/** Runs a command that may have five watched directories; null where the system does not let us lower the limit. */
function withFewWatches(...command: readonly string[]): string | null {
  const lower = 'echo 5 > /proc/sys/user/max_inotify_watches || exit 99; exec "$@"';
  const { status, stdout } = spawnSync('unshare', ['-U', '-r', 'sh', '-c', lower, 'sh', ...command], {
    encoding: 'utf8',
  });
  return status === 0 ? stdout : null;
}

it.skipIf(withFewWatches('true') === null)('explains the limit of the system in a sentence, and ends well', () => {
  const files = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`d${i}/a.ts`, 'a']));
  const root = makeTree(files);
  const directories = ['', ...Object.keys(files).map((path) => path.replace('a.ts', ''))].join(',');
  expect(withFewWatches(process.execPath, '--input-type=module', '-e', LIMITED, root, directories)).toBe(
    'the system allows no more watched directories; more are allowed by: sudo sysctl fs.inotify.max_user_watches=524288',
  );
});
