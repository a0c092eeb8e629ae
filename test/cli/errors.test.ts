// Bad input on the command line: one clear sentence on stderr, nothing on stdout, an exit code, and nothing lost.
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeRepository, type TestRepository } from '../app/repository.js';
import { freshSetting, run, type Setting } from './command.js';
import { SHOP } from './shop.js';

let shop: TestRepository;
let setting: Setting & { remove: () => Promise<void> };
beforeAll(async () => {
  shop = await makeRepository(SHOP);
  setting = await freshSetting(shop.path);
  expect((await run(setting, 'index')).code).toBe(0);
});
afterAll(async () => {
  await setting.remove();
  await shop.remove();
});

/** Exit code and sentence, with the directories of this run under fixed names. */
async function failure(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(setting, ...args);
  expect(stdout).toBe('');
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stderr).not.toMatch(/^\s+at /m);
  return `${code} ${stderr.trimEnd()}`.replaceAll(shop.path, '<shop>').replaceAll(homedir(), '<home>');
}

test('paths that cannot be indexed', async () => {
  expect(await failure('index', 'nowhere')).toMatchInlineSnapshot();
  expect(await failure('index', 'README.md')).toMatchInlineSnapshot();
  expect(await failure('index', '/')).toMatchInlineSnapshot();
  expect(await failure('index', homedir())).toMatchInlineSnapshot();
  await mkdir(join(shop.path, 'empty'), { recursive: true });
  expect(await failure('index', 'empty')).toMatchInlineSnapshot();
});

test('projects that do not exist or cannot', async () => {
  expect(await failure('search', 'cart', '--all', '--project', 'unheard-of')).toMatchInlineSnapshot();
  expect(await failure('index', '--project', 'Not_Valid')).toMatchInlineSnapshot();
  expect(await failure('status', '--project', '-a-')).toMatchInlineSnapshot();
});

test('queries and numbers out of bounds', async () => {
  expect(await failure('search', '')).toMatchInlineSnapshot();
  expect(await failure('search', 'x'.repeat(100_000))).toMatchInlineSnapshot();
  expect(await failure('search', 'cart', '--limit', '0')).toMatchInlineSnapshot();
  expect(await failure('search', 'cart', '--limit', '10000')).toMatchInlineSnapshot();
  expect(await failure('search', 'cart', '--limit', 'few')).toMatchInlineSnapshot();
  expect(await failure('search', 'cart', '--max-tokens', '1')).toMatchInlineSnapshot();
  expect(await failure('search', 'cart', '--language', 'typescrip')).toMatchInlineSnapshot();
});

test('commands and flags that do not exist', async () => {
  expect((await run(setting, 'indx')).stderr).toMatchInlineSnapshot();
  expect(await failure('index', '--jsn')).toMatchInlineSnapshot();
  expect(await failure('search')).toMatchInlineSnapshot();
});

test('settings that make no sense', async () => {
  expect(await failure('status', '--database-url', 'mysql://localhost/x')).toMatchInlineSnapshot();
  expect(await failure('status', '--embedder', 'magic')).toMatchInlineSnapshot();
});

test('a PostgreSQL that is not there', async () => {
  expect(await failure('status', '--database-url', 'postgres://u:secret@127.0.0.1:9/x')).toMatchInlineSnapshot();
});

test('data directories that are none of ours', async () => {
  const foreign = join(shop.path, 'foreign');
  await mkdir(foreign);
  await writeFile(join(foreign, 'holiday.jpg'), 'beach');
  expect(await failure('status', '--data-dir', foreign)).toMatchInlineSnapshot();
  expect(await readFile(join(foreign, 'holiday.jpg'), 'utf8')).toBe('beach');
  expect(await failure('status', '--data-dir', join(shop.path, 'README.md'))).toMatchInlineSnapshot();
});

test.skipIf(process.getuid?.() === 0)('a data directory that may not be written', async () => {
  const sealed = join(shop.path, 'sealed');
  await mkdir(sealed);
  await chmod(sealed, 0o500);
  expect(await failure('status', '--data-dir', join(sealed, 'data'))).toMatchInlineSnapshot();
});

test('after all of that, the index is as it was', async () => {
  const { code, stdout } = await run(setting, 'search', 'total of the cart with discount', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout).results[0].path).toBe('src/cart.ts');
});
