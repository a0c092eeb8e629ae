import { execFileSync } from 'node:child_process';
import { readFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { blobOf, unchangedBlobs } from '#src/discovery/blobs.js';
import { makeRepository, type TestRepository } from '../app/repository.js';

describe('unchangedBlobs', () => {
  let repository: TestRepository;
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', repository.path, '-c', 'user.name=t', '-c', 'user.email=t@example.invalid', ...args], {
      encoding: 'utf8',
    });

  beforeEach(async () => {
    repository = await makeRepository({ 'a.ts': 'one\n', 'lib/b.ts': 'two\n', 'c.ts': 'three\n' });
    git('add', '.');
    git('commit', '-qm', 'first');
  });
  afterEach(() => repository.remove());

  it('names contents as git does, without reading them', async () => {
    const blobs = await unchangedBlobs(repository.path);
    expect([...blobs.keys()].sort()).toEqual(['a.ts', 'c.ts', 'lib/b.ts']);
    for (const [path, blob] of blobs) expect(blobOf(await readFile(join(repository.path, path)))).toBe(blob);
  });

  it('does not vouch for what is changed, untracked, gone or assumed unchanged', async () => {
    await repository.write({ 'a.ts': 'uno\n', 'new.ts': 'x\n' });
    git('update-index', '--assume-unchanged', 'c.ts');
    expect([...(await unchangedBlobs(repository.path)).keys()]).toEqual(['lib/b.ts']);
    await repository.remove('lib/b.ts');
    expect((await unchangedBlobs(repository.path)).size).toBe(0);
  });

  it('sees a change that keeps size and modification time', async () => {
    const then = new Date(Date.now() - 60_000);
    await utimes(join(repository.path, 'a.ts'), then, then);
    git('add', 'a.ts');
    // Git compares the time of the last status change in whole seconds.
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await repository.write({ 'a.ts': 'two\n' });
    await utimes(join(repository.path, 'a.ts'), then, then);
    expect((await unchangedBlobs(repository.path)).has('a.ts')).toBe(false);
  });

  it('gives paths relative to a directory inside the repository', async () => {
    expect([...(await unchangedBlobs(join(repository.path, 'lib'))).keys()]).toEqual(['b.ts']);
  });

  it('is empty where there is no git', async () => {
    const plain = await makeRepository({ 'a.ts': 'one\n' }, { git: false });
    expect((await unchangedBlobs(plain.path)).size).toBe(0);
    await plain.remove();
  });
});
