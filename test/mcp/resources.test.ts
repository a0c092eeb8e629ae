// Resources, completion and prompts, as a client of either era reads them.
import type { Client } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addressOf, filePart, namesOf } from '#src/mcp/resources/addresses.js';
import type { Repository } from '#src/service.js';
import type { TestRepository } from '../app/repository.js';
import type { Setting } from '../cli/command.js';
import { freshShop, SHOP } from '../cli/shop.js';
import { call, connect, type Era } from './client.js';
import { withoutChance } from './without-chance.js';

describe.each<Era>(['legacy', 'modern'])('in the %s era', (era) => {
  let shop: TestRepository;
  let setting: Setting & { remove: () => Promise<void> };
  let client: Client;
  let name: string;
  beforeAll(async () => {
    ({ shop, setting } = await freshShop({ ...SHOP, 'docs/open hours, 50%.md': '# Open\n\nNine to five.\n' }));
    client = await connect(setting, era);
    await call(client, 'index_repository');
    name = shop.path.split('/').at(-1) ?? '';
  });
  afterAll(async () => {
    await client.close();
    await setting.remove();
  });

  const fixed = (text: string): string => withoutChance(text, { shop, setting }).replaceAll(name, '<name>');
  const read = async (uri: string): Promise<string> => {
    const [content] = (await client.readResource({ uri })).contents;
    return content !== undefined && 'text' in content ? content.text : '';
  };

  test('the list names projects and repositories, the templates how files are called', async () => {
    const { resources } = await client.listResources();
    expect(resources.map(({ uri }) => fixed(uri))).toEqual(['codebase://default', 'codebase://default/<name>']);
    const { resourceTemplates } = await client.listResourceTemplates();
    expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual([
      'codebase://{project}',
      'codebase://{project}/{repository}',
      'codebase://{project}/{repository}/{+path}',
    ]);
  });

  test('a project and a repository tell what is indexed', async () => {
    expect(fixed(await read('codebase://default'))).toMatchInlineSnapshot(`
      "<shop>: 5 files of 6 seen, 5 chunks, indexed <date> (project default)
        skipped 1 file, media (image, font, sound, archive or other file without source text): logo.png
      Engine: PGlite (PostgreSQL 18.6) in <data>; schema 009_project_keys; embedder static v1, 256 dimensions."
    `);
    expect(await read(`codebase://default/${name}`)).toBe(await read('codebase://default'));
    expect(await read(addressOf('default', shop.path))).toBe(await read('codebase://default'));
  });

  test('a file is as it is on disk, whole or a part of it', async () => {
    expect(await read(`codebase://default/${name}/src/cart.ts`)).toBe(SHOP['src/cart.ts']);
    const part = 'export function cartTotal(items: readonly string[], loyal: boolean): number {\n';
    expect(await read(`codebase://default/${name}/src/cart.ts?lines=4`)).toBe(part);
    expect(await read(`codebase://default/${name}/src/cart.ts?lines=6-900`)).toBe(
      '  return loyal ? sum * 0.9 : sum;\n}\n',
    );
    expect(await read(addressOf('default', name, 'docs/open hours, 50%.md'))).toContain('Nine to five.');
    await shop.write({ 'tools/backup.py': 'print("changed")\n' });
    expect(await read(`codebase://default/${name}/tools/backup.py`)).toBe('print("changed")\n');
  });

  test('what is not there, or not in the index, is an error of one sentence', async () => {
    const refusal = async (uri: string): Promise<string> =>
      read(uri).then(
        (text) => `read: ${text}`,
        (error: Error) => fixed(error.message),
      );
    expect(await refusal('codebase://nowhere')).toMatchInlineSnapshot(
      `"There is no project nowhere (did you mean default); codebase-mcp index --project nowhere <path> makes it."`,
    );
    expect(await refusal('codebase://default/other')).toMatchInlineSnapshot(
      `"There is no repository other in project default; it has <name>."`,
    );
    expect(await refusal(`codebase://default/${name}/logo.png`)).toMatchInlineSnapshot(
      `"logo.png is not in the index of <shop>; codebase-mcp status says why."`,
    );
    expect(await refusal(`codebase://default/${name}/../../etc/passwd`)).not.toMatch(/read:|root:/);
    expect(await refusal(`codebase://default/${name}/%2E%2E/%2E%2E/etc/passwd`)).not.toMatch(/read:|root:/);
    expect(await refusal(`codebase://default/${name}/src/cart.ts?lines=50-60`)).toMatchInlineSnapshot(
      `"src/cart.ts has 7 lines; there is no line 50."`,
    );
  });

  const complete = async (argument: string, value: string, given: Record<string, string> = {}) => {
    const ref = { type: 'ref/resource' as const, uri: 'codebase://{project}/{repository}/{+path}' };
    const { completion } = await client.complete({
      ref,
      argument: { name: argument, value },
      context: { arguments: given },
    });
    return completion;
  };

  test('names and paths are completed', async () => {
    expect((await complete('project', 'def')).values).toEqual(['default']);
    expect((await complete('repository', '', { project: 'default' })).values).toEqual([name]);
    const given = { project: 'default', repository: name };
    expect(await complete('path', 'SRC/', given)).toEqual({
      values: ['src/cart.ts', 'src/prices.ts'],
      total: 2,
      hasMore: false,
    });
    expect((await complete('path', 'backup', given)).values).toEqual(['tools/backup.py']);
    expect((await complete('path', '%', given)).values).toEqual(['docs/open hours, 50%.md']);
    expect((await complete('path', '', { project: 'nowhere', repository: name })).values).toEqual([]);
    expect((await complete('constructor', '')).values).toEqual([]);
  });

  test('prompts', async () => {
    const { prompts } = await client.listPrompts();
    expect(prompts.map((each) => [each.name, ...(each.arguments ?? []).map((argument) => argument.name)])).toEqual([
      ['explain_how', 'topic', 'repository'],
      ['where_to_change', 'change', 'repository'],
      ['review_diff', 'base', 'repository'],
    ]);
    const { messages } = await client.getPrompt({ name: 'where_to_change', arguments: { change: 'prices in euro' } });
    const [message] = messages;
    expect(message?.content.type === 'text' && message.content.text).toMatchInlineSnapshot(`
      "Find out where to make this change in this repository, and do not make it yet: prices in euro

      1. Ask search_code for what does it today, and for the words the change would use.
      2. For the best place call find_related_code, for siblings and copies that have to change with it.
      3. Ask search_code for the tests and the documentation of these places.
      4. Answer with a list: path:line, what changes there and why, in the order to do it; then what could break, and what is open.

      Cite every claim as path:line. Say what you could not find instead of guessing."
    `);
    const ref = { type: 'ref/prompt' as const, name: 'explain_how' };
    expect((await client.complete({ ref, argument: { name: 'repository', value: '' } })).completion.values).toEqual([
      name,
    ]);
  });
});

test('line ranges as people write them', () => {
  expect(['a.ts', 'a.ts?lines=3', 'a.ts?lines=3-9', 'a.ts#L3-L9', 'a%20b.ts#L3', 'a.ts?lines=x'].map(filePart)).toEqual(
    [
      { path: 'a.ts' },
      { path: 'a.ts', start_line: 3, end_line: 3 },
      { path: 'a.ts', start_line: 3, end_line: 9 },
      { path: 'a.ts', start_line: 3, end_line: 9 },
      { path: 'a b.ts', start_line: 3, end_line: 3 },
      { path: 'a.ts?lines=x' },
    ],
  );
});

test('two repositories of one name are called by their paths', () => {
  const repository = (path: string): Repository => ({
    project: 'default',
    path,
    name: path.split('/').at(-1) ?? '',
    files_seen: 1,
    files: 1,
    chunks: 1,
    skipped: [],
    failed: [],
    indexed_at: null,
  });
  const names = namesOf(['/a/shop', '/b/shop', '/b/bank'].map(repository));
  expect([...names.keys()]).toEqual(['/a/shop', '/b/shop', 'bank']);
});
