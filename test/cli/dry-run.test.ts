// What indexing would do, and the languages there are: told without a database.
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DryRun } from '#src/dry-run.js';
import type { KnownLanguage } from '#src/language-list.js';
import { IndexReport } from '#src/service.js';
import { makeRepository, type TestRepository } from '../app/repository.js';
import { freshSetting, run, type Setting } from './command.js';
import { SHOP } from './shop.js';

let shop: TestRepository;
let setting: Setting & { remove: () => Promise<void> };
beforeAll(async () => {
  shop = await makeRepository({
    ...SHOP,
    'tools/wide.min.js': 'x',
    'tools/blob.ts': Buffer.from([0, 1, 2]),
    'tools/key.txt': '-----BEGIN PRIVATE KEY-----\n',
  });
  setting = await freshSetting(shop.path);
});
afterAll(async () => {
  await setting.remove();
  await shop.remove();
});

/** Progress of an indexing job may be on stderr. */
const output = async (...args: readonly string[]): Promise<string> => {
  const { code, stdout } = await run(setting, ...args);
  expect(code).toBe(0);
  return stdout;
};

test('a dry run says what would be indexed and writes nothing', async () => {
  // A database that nobody could open: it is not asked.
  const text = await output('index', '--dry-run', '--database-url', 'postgres://nobody@127.0.0.1:9/nothing');
  expect(text.replaceAll(shop.path, '<shop>').replace(/about \d+ seconds?/, 'about <time>')).toMatchInlineSnapshot(`
    "<shop>: 4 files, 708 bytes, as git lists them (project default); nothing was written
      indexing would take about <time> and make about 4 chunks
      languages: typescript 2, markdown 1, python 1
      largest directories: src/ 2 files 498 bytes, tools/ 1 file 182 bytes, ./ 1 file 28 bytes
      skipped 1 file, media (image, font, sound, archive or other file without source text): logo.png
      skipped 1 file, minified (minified: lines that nobody wrote or reads): tools/wide.min.js
      skipped 1 file, binary (binary content): tools/blob.ts
      skipped 1 file, secret (may hold keys or passwords): tools/key.txt
    "
  `);
  expect(existsSync(String(setting.env.CODEBASE_MCP_DATA_DIR))).toBe(false);
  expect((await readdir(shop.path)).sort()).toEqual(['.git', 'README.md', 'logo.png', 'src', 'tools']);
});

test('it finds the same files, chunks and reasons as indexing does', async () => {
  const told: DryRun = JSON.parse(await output('index', '--dry-run', '--json'));
  const done = IndexReport.parse(JSON.parse(await output('index', '--json')));
  const { files, chunks, languages, skipped } = done;
  expect(told).toMatchObject({ repository: shop.path, listed_by: 'git', files, chunks, languages, skipped });
  const sizes = await Promise.all(
    ['README.md', 'src/cart.ts', 'src/prices.ts', 'tools/backup.py'].map((path) => stat(join(shop.path, path))),
  );
  expect(told.bytes).toBe(sizes.reduce((sum, { size }) => sum + size, 0));
});

test('a directory that must not be indexed is refused in the same words', async () => {
  const { code, stderr } = await run(setting, 'index', '--dry-run', '/etc');
  expect(code).not.toBe(0);
  expect(stderr).toContain('Not indexing /etc: it is a system directory');
});

test('the table of languages says for each how its files are known and cut', async () => {
  const lines = (await output('languages')).split('\n');
  expect(lines.find((line) => line.startsWith('typescript'))).toMatch(
    /^typescript, ts, tsx +grammar typescript +\.ts \.mts \.cts \.tsx #!deno/,
  );
  expect(lines.find((line) => line.startsWith('dockerfile'))).toMatch(/patterns +.*\.dockerfile .*Dockerfile/);
  const languages: readonly KnownLanguage[] = JSON.parse(await output('languages', '--json'));
  expect(lines.slice(0, languages.length).map((line) => line.split(/[, ]/, 1)[0])).toEqual(
    languages.map(({ name }) => name),
  );
  expect(languages.filter(({ cut_at }) => cut_at === 'syntax').length).toBeGreaterThanOrEqual(50);
});
