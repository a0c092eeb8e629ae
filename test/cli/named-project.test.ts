// A project that is named on the command line or by an assistant: what happens to be near is not indexed into it.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SearchAnswer } from '#src/service.js';
import { makeRepository, type TestRepository } from '../app/repository.js';
import { call, connect } from '../mcp/client.js';
import { until } from '../owner/processes.js';
import { run, type Setting } from './command.js';
import { freshShop } from './shop.js';

/** Of one client, open in the editor; the other's is elsewhere. */
let mine: TestRepository;
let theirs: TestRepository;
let setting: Setting & { remove: () => Promise<void> };

beforeAll(async () => {
  ({ shop: mine, setting } = await freshShop());
  theirs = await makeRepository({
    'src/parcel.ts': 'export function weighParcel(grams: number) {\n  return grams;\n}\n',
  });
  expect(await run(setting, 'index', '--project', 'client-a')).toMatchObject({ code: 0 });
  expect(await run(setting, 'index', theirs.path, '--project', 'client-b')).toMatchObject({ code: 0 });
});
afterAll(async () => {
  await setting.remove();
  await theirs.remove();
});

async function projects(): Promise<unknown> {
  const all = JSON.parse((await run(setting, 'projects', '--json')).stdout) as { id: string; repositories: number }[];
  return Object.fromEntries(all.map(({ id, repositories }) => [id, repositories]));
}

async function searched(...args: string[]): Promise<SearchAnswer> {
  const { code, stdout, stderr } = await run(setting, 'search', 'weighParcel', '--json', ...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as SearchAnswer;
}

test('the command line, in a repository of another project: the named one is searched and gets nothing', async () => {
  expect((await searched('--project', 'client-b')).searched.repositories).toEqual([theirs.path]);
  expect((await searched('--project', 'client-a')).searched.repositories).toEqual([mine.path]);
  expect(await run(setting, 'search', 'x', '--project', 'client-x')).toMatchObject({
    code: 11,
    stderr: expect.stringContaining('There is no project client-x (did you mean client-a or client-b)'),
  });
  expect(await run(setting, 'related', 'src/cart.ts', '--project', 'client-b')).toMatchObject({
    code: 11,
    stderr: expect.stringContaining('is not indexed in project client-b'),
  });
  expect(await projects()).toEqual({ 'client-a': 1, 'client-b': 1 });
});

test('an assistant that names a project, in the same way', async () => {
  const client = await connect(setting, 'modern');
  const { structured } = await call(client, 'search_code', { query: 'weighParcel', project: 'client-b' });
  expect(structured).toMatchObject({ searched: { repositories: [theirs.path] } });
  const near = await call(client, 'search_code', { query: 'cart', project: 'client-a' });
  expect(near.structured).toMatchObject({ searched: { repositories: [mine.path] } });
  const unknown = await call(client, 'search_code', { query: 'cart', project: 'client-x' });
  expect([unknown.isError, unknown.text]).toEqual([true, expect.stringContaining('There is no project client-x')]);
  const related = await call(client, 'find_related_code', { file: 'src/cart.ts', project: 'client-b' });
  expect(related.isError).toBe(true);
  await client.close();
  expect(await projects()).toEqual({ 'client-a': 1, 'client-b': 1 });
});

test('all of a project is all of the one that the repository belongs to', async () => {
  await mkdir(join(mine.path, '.codebase-mcp'));
  await writeFile(join(mine.path, '.codebase-mcp', 'config.json'), '{"version":"1.0","project":{"id":"client-a"}}');
  expect(await searched('--all')).toMatchObject({ project: 'client-a', searched: { repositories: [mine.path] } });
  const client = await connect(setting, 'modern');
  const { structured } = await call(client, 'search_code', { query: 'cart', whole_project: true });
  expect(structured).toMatchObject({ project: 'client-a' });
  await client.close();
});

test('every line of the log that is about a repository names the project', async () => {
  const client = await connect(setting, 'modern');
  await call(client, 'search_code', { query: 'cart' });
  await writeFile(join(mine.path, '.codebase-mcp', 'config.json'), 'broken');
  const lines = async () =>
    (await readFile(setting.env['CODEBASE_MCP_LOG_FILE'] ?? '', 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { msg: string; project?: string; repository?: string });
  await until(async () => (await lines()).some(({ msg }) => msg.startsWith('watching failed')));
  const about = (await lines()).filter(({ repository }) => repository !== undefined);
  expect(about.filter(({ project }) => project === undefined)).toEqual([]);
  await client.close();
});

test('a repository that is named too is indexed there', async () => {
  await searched('--project', 'client-c', '--repository', theirs.path, '--limit', '1').catch(() => {});
  expect(await projects()).toMatchObject({ 'client-c': 1 });
});
