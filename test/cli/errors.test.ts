// Bad input on the command line: one clear sentence on stderr, nothing on stdout, an exit code, and nothing lost.
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestRepository } from '../app/repository.js';
import { run, type Setting } from './command.js';
import { freshShop } from './shop.js';

let shop: TestRepository;
let setting: Setting & { remove: () => Promise<void> };
beforeAll(async () => {
  ({ shop, setting } = await freshShop());
  expect((await run(setting, 'index')).code).toBe(0);
});
afterAll(async () => {
  await setting.remove();
});

/** Exit code and sentence, with the directories of this run under fixed names. */
async function failure(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(setting, ...args);
  expect(stdout).toBe('');
  expect(stderr).not.toMatch(/^\s+at /m);
  // Where a directory is looked at for two seconds, a line says so first.
  const [sentence, ...more] = stderr
    .trimEnd()
    .split('\n')
    .filter((line) => line !== 'discovering');
  expect(more).toEqual([]);
  return `${code} ${sentence}`.replaceAll(shop.path, '<shop>').replaceAll(homedir(), '<home>');
}

test('paths that cannot be indexed', async () => {
  expect(await failure('index', 'nowhere')).toMatchInlineSnapshot(
    `"11 codebase-mcp: The directory <shop>/nowhere does not exist; the nearest one that does is <shop>."`,
  );
  expect(await failure('index', 'README.md')).toMatchInlineSnapshot(
    `"12 codebase-mcp: <shop>/README.md is a file, not a directory; index the directory it is in: <shop>"`,
  );
  expect(await failure('index', '/')).toMatchInlineSnapshot(
    `"12 codebase-mcp: Not indexing /: it is the root of the file system; name the directory of one project instead."`,
  );
  expect(await failure('index', homedir())).toMatchInlineSnapshot(
    `"12 codebase-mcp: Not indexing <home>: it is your home directory; name the directory of one project instead."`,
  );
  await mkdir(join(shop.path, 'empty'), { recursive: true });
  expect(await failure('index', 'empty')).toMatchInlineSnapshot(
    `"13 codebase-mcp: Nothing to index in <shop>/empty: it holds no files; give the directory that holds the source code."`,
  );
});

test('projects that do not exist or cannot', async () => {
  expect(await failure('search', 'cart', '--all', '--project', 'unheard-of')).toMatchInlineSnapshot(
    `"11 codebase-mcp: There is no project unheard-of (did you mean default); codebase-mcp index --project unheard-of <path> makes it."`,
  );
  expect(await failure('index', '--project', 'Not_Valid')).toMatchInlineSnapshot(
    `"10 codebase-mcp: "Not_Valid" is not a project id; use 1 to 50 lower-case letters, digits and single hyphens between them, for example my-project."`,
  );
  expect(await failure('status', '--project', '-a-')).toMatchInlineSnapshot(
    `"10 codebase-mcp: "-a-" is not a project id; use 1 to 50 lower-case letters, digits and single hyphens between them, for example my-project."`,
  );
});

test('what is said of a project loses nothing and repeats no password', async () => {
  expect(await failure('projects', 'rename', 'default', 'default')).toMatchInlineSnapshot(
    `"10 codebase-mcp: Project default has that id already; choose another one."`,
  );
  expect(await failure('projects', 'add', 'x', '--database', 'postgres://u:secret@db/x')).toMatchInlineSnapshot(
    `"10 codebase-mcp: A URL on the command line stays in the shell’s history and is seen by every user of this machine; put it into a variable or a file, and give --database env:NAME or --database file:/path."`,
  );
  for (const url of ['POSTGRES://u:secret@db/x', 'u:secret@db/x', 'postgresql+x://u:secret@db/x'])
    expect(await failure('projects', 'move', 'default', '--to', url)).toMatch(/^10 codebase-mcp: A URL on the command/);
  expect(await failure('status', '--database-url', 'postgres://u:12/secret@127.0.0.1:9/x')).toMatchInlineSnapshot(
    `"10 codebase-mcp: DATABASE_URL is not a URL; it must look like postgres://user:password@host:5432/name, with special characters in the password written as %40 and the like."`,
  );
});

test('queries and numbers out of bounds', async () => {
  expect(await failure('search', '')).toMatchInlineSnapshot(
    `"10 codebase-mcp: The query must be text of 1 to 10,000 characters, not empty."`,
  );
  expect(await failure('search', 'x'.repeat(100_000))).toMatchInlineSnapshot(
    `"10 codebase-mcp: The query must be text of 1 to 10,000 characters, not 100,000 characters."`,
  );
  expect(await failure('search', 'cart', '--limit', '0')).toMatchInlineSnapshot(
    `"10 codebase-mcp: --limit must be a whole number from 1 to 100, not 0."`,
  );
  expect(await failure('search', 'cart', '--limit', '10000')).toMatchInlineSnapshot(
    `"10 codebase-mcp: --limit must be a whole number from 1 to 100, not 10000."`,
  );
  expect(await failure('search', 'cart', '--limit', 'few')).toMatchInlineSnapshot(
    `"10 codebase-mcp: --limit must be a whole number from 1 to 100, not "few"."`,
  );
  expect(await failure('search', 'cart', '--max-tokens', '1')).toMatchInlineSnapshot(
    `"10 codebase-mcp: --max-tokens must be a whole number from 200 to 100000, not 1."`,
  );
  expect(await failure('search', 'cart', '--language', 'typescrip')).toMatchInlineSnapshot(
    `"10 codebase-mcp: There is no language typescrip; did you mean typescript or applescript or purescript; codebase-mcp languages lists them."`,
  );
});

test('commands and flags that do not exist', async () => {
  expect((await run(setting, 'indx')).stderr).toMatchInlineSnapshot(`
    "codebase-mcp: unknown command 'indx' (did you mean index?)
    "
  `);
  expect(await failure('index', '--jsn')).toMatchInlineSnapshot(
    `"2 codebase-mcp: unknown option '--jsn' (did you mean --json?)"`,
  );
  expect(await failure('search')).toMatchInlineSnapshot(`"2 codebase-mcp: missing required argument 'query'"`);
});

test('settings that make no sense', async () => {
  expect(await failure('status', '--database-url', 'mysql://localhost/x')).toMatchInlineSnapshot(
    `"10 codebase-mcp: DATABASE_URL is not a PostgreSQL URL; it must look like postgres://user:password@host:5432/name, or be unset for the embedded database."`,
  );
  expect(await failure('status', '--embedder', 'magic')).toMatchInlineSnapshot(
    `"10 codebase-mcp: Unknown embedder "magic" in CODEBASE_MCP_EMBEDDER; use static, ollama or the path of a Model2Vec directory."`,
  );
});

test('a PostgreSQL that is not there', async () => {
  expect(await failure('status', '--database-url', 'postgres://u:secret@127.0.0.1:9/x')).toMatchInlineSnapshot(
    `"21 codebase-mcp: No PostgreSQL answers at 127.0.0.1:9/x (connect ECONNREFUSED 127.0.0.1:9); start it, or correct DATABASE_URL, or unset it to use the embedded database."`,
  );
});

test('data directories that are none of ours', async () => {
  const foreign = join(shop.path, 'foreign');
  await mkdir(foreign);
  await writeFile(join(foreign, 'holiday.jpg'), 'beach');
  expect(await failure('status', '--data-dir', foreign)).toMatchInlineSnapshot(
    `"23 codebase-mcp: "<shop>/foreign" is not a codebase-mcp data directory (it holds "holiday.jpg"); set CODEBASE_MCP_DATA_DIR to an empty or new directory."`,
  );
  expect(await readFile(join(foreign, 'holiday.jpg'), 'utf8')).toBe('beach');
  expect(await failure('status', '--data-dir', join(shop.path, 'README.md'))).toMatchInlineSnapshot(
    `"23 codebase-mcp: The data directory "<shop>/README.md" is a file; set CODEBASE_MCP_DATA_DIR to a directory."`,
  );
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
