// The main job on the command line: index a repository, search it, see what is there, remove it.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { IndexReport, RemoveAnswer, SearchAnswer, StatusAnswer } from '#src/service.js';
import { makeRepository, type TestRepository } from '../app/repository.js';
import { run, type Setting } from './command.js';
import { freshShop } from './shop.js';

let shop: TestRepository;
let setting: Setting & { remove: () => Promise<void> };
beforeAll(async () => {
  ({ shop, setting } = await freshShop());
});
afterAll(async () => {
  await setting.remove();
});

/** Standard output, with what differs from run to run under fixed names. */
async function output(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(setting, ...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout
    .replaceAll(shop.path, '<shop>')
    .replaceAll(String(setting.env.CODEBASE_MCP_DATA_DIR), '<data>')
    .replace(/\d+(\.\d)? m?s\b/g, '<time>')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<date>')
    .replace(/score \d\.\d\d/g, 'score <n>');
}

test('the first search indexes the repository of the working directory and says so', async () => {
  const { code, stdout, stderr } = await run(setting, 'search', 'nightly backup of the order database', '--limit', '1');
  expect(code).toBe(0);
  expect(stderr).toContain(`${shop.path} was never indexed; indexing it first.`);
  expect(stdout).toContain(`Indexed first: ${shop.path}: 4 files`);
  expect(stdout).toContain('tools/backup.py:');
});

test('a search shows path:lines, symbol and the numbered code', async () => {
  expect(await output('search', 'cartTotal', '--limit', '1')).toMatchInlineSnapshot(`
    "1 file for “cartTotal” in <shop>, 4 files searched in <time>.

    src/cart.ts:1-7 function cartTotal (score <n>)
      1 │ import { priceOf } from './prices.js';
      2 │
      3 │ /** Sum of all items, with the discount for loyal customers. */
      4 │ export function cartTotal(items: readonly string[], loyal: boolean): number {
      5 │   const sum = items.map(priceOf).reduce((a, b) => a + b, 0);
      6 │   return loyal ? sum * 0.9 : sum;
      7 │ }
    "
  `);
});

test('indexing again touches nothing, and a change touches one file at most', async () => {
  expect(await output('index')).toMatchInlineSnapshot(`
    "<shop>: 4 files and 4 chunks in the index after <time> (project default, embedder static v1, 256 dimensions)
      5 files seen: 0 added, 0 changed, 0 removed, 4 unchanged
      languages: typescript 2, markdown 1, python 1
      skipped 1 file, media (image, font, sound, archive or other file without source text): logo.png
    "
  `);
  await shop.write({ 'src/prices.ts': 'export const priceOf = (item: string): number => item.length;\n' });
  const report = IndexReport.parse(JSON.parse(await output('index', '--json')));
  // The owner watches what was searched, and may have seen the change first.
  expect(report).toMatchObject({ files: 4, files_added: 0, files_removed: 0, failed: [] });
  expect(report.files_changed).toBeLessThanOrEqual(1);
  expect(await output('search', 'priceOf', '--limit', '1')).toContain('item.length');
});

test('filters hold', async () => {
  const answer = SearchAnswer.parse(
    JSON.parse(await output('search', 'price', '--language', 'python', '--path-glob', 'tools/**', '--json')),
  );
  expect(answer.results.map(({ path }) => path)).toEqual(['tools/backup.py']);
});

test('status says what is there and why something is not', async () => {
  expect(await output('status')).toMatchInlineSnapshot(`
    "<shop>: 4 files of 5 seen, 4 chunks, indexed <date> (project default)
      skipped 1 file, media (image, font, sound, archive or other file without source text): logo.png
    Engine: PGlite (PostgreSQL 18.6) in <data>; schema 009_project_keys; embedder static v1, 256 dimensions.
    "
  `);
  const status = StatusAnswer.parse(JSON.parse(await output('status', 'src', '--json')));
  expect(status.repositories.map(({ files }) => files)).toEqual([4]);
});

test('a project holds several repositories and a search of all of them names each', async () => {
  const other = await makeRepository({
    'ship.go': 'package ship\n\nfunc WeighParcel(grams int) int { return grams }\n',
  });
  await output('index', other.path);
  const { stdout } = await run(setting, 'search', 'weigh a parcel', '--all');
  expect(stdout).toContain(`${other.path}/ship.go:`);
  expect(await output('projects')).toMatchInlineSnapshot(`
    "default: 2 repositories, 5 files, 5 chunks
    "
  `);
  const removed = RemoveAnswer.parse(JSON.parse(await output('remove', other.path, '--json')));
  expect(removed).toMatchObject({ files: 1, project: 'default' });
  await other.remove();
});

test('remove forgets the repository and leaves its files', async () => {
  expect(await output('remove', '.')).toMatchInlineSnapshot(`
    "Removed <shop> from project default: 4 files and 4 chunks. The files on disk are untouched.
    "
  `);
  const again = await run(setting, 'remove', '.');
  expect(again.code).toBe(11);
  expect((await run(setting, 'index')).code).toBe(0);
});
