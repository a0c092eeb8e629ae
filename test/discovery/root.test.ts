// Which directories may be indexed, and what is said about the others.
import { mkdirSync, symlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { enclosingRepository, resolveRoot } from '#src/discovery/root.js';
import { CodebaseError } from '#src/errors.js';
import { git, makeTree } from './tree.js';

async function refusal(path: string): Promise<string> {
  const error: unknown = await resolveRoot(path).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof CodebaseError)) throw new Error(`expected a refusal of ${path}`, { cause: error });
  return `${error.code}: ${error.message}`;
}

it('resolves a directory to its real path and says whether git lists it', async () => {
  const root = makeTree({ 'a/b.ts': 'b' });
  symlinkSync('a', join(root, 'link'));
  expect(await resolveRoot(join(root, 'link'))).toEqual({ root: join(root, 'a'), git: false });
  git(root, 'init', '-q');
  expect(await resolveRoot(`${root}/a/../a/`)).toEqual({ root: join(root, 'a'), git: true });
});

it('refuses what is not there, no directory, or no project, each with the next step', async () => {
  const root = makeTree({ 'a.ts': 'a' });
  expect(await refusal(join(root, 'no/where'))).toBe(
    `not_found: The directory ${root}/no/where does not exist; the nearest one that does is ${root}.`,
  );
  expect(await refusal(join(root, 'a.ts'))).toBe(
    `refused_path: ${root}/a.ts is a file, not a directory; index the directory it is in: ${root}`,
  );
  expect(await refusal('/')).toContain('refused_path: Not indexing /: it is the root of the file system');
  expect(await refusal(homedir())).toContain('it is your home directory; name the directory of one project');
  expect(await refusal(dirname(homedir()))).toContain('refused_path');
  const keys = makeTree({ '.ssh/id_ed25519': 'key', '.aws/sso/cache': 'key' });
  symlinkSync(join(keys, '.ssh'), join(keys, 'innocent'));
  for (const name of ['.ssh', '.aws/sso', 'innocent'])
    expect(await refusal(join(keys, name))).toMatch(/^refused_path: .* it is a directory of keys;/);
  for (const path of ['/etc', '/usr', '/proc', '/etc/apt', '/dev'])
    expect(await refusal(path)).toMatch(/^refused_path: .* it is a system directory/);
});

it('finds the work tree that holds a path', async () => {
  const root = makeTree({ 'repo/src/a.ts': 'a', 'plain/a.ts': 'a' });
  git(join(root, 'repo'), 'init', '-q');
  mkdirSync(join(root, 'plain/.git'));
  expect(await enclosingRepository(join(root, 'repo/src'))).toBe(join(root, 'repo'));
  expect(await enclosingRepository(join(root, 'repo/src/a.ts'))).toBe(join(root, 'repo'));
  // An empty .git is no repository.
  expect(await enclosingRepository(join(root, 'plain'))).toBe(join(root, 'plain'));
});
