// Tokens: what they let in, and that a token of one project learns nothing about another, not even whether it exists.
import { chmod, mkdir, readFile, stat, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Client } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeRepository, type TestRepository } from '../../app/repository.js';
import { freshSetting, run, type Setting } from '../../cli/command.js';
import { SHOP } from '../../cli/shop.js';
import { call, type Era } from '../client.js';
import { taskSession } from '../tasks-client.js';
import { type HttpServer, INITIALIZE, post, serve } from './server.js';

let mine: TestRepository;
let theirs: TestRepository;
let setting: Setting & { remove: () => Promise<void> };
let server: HttpServer;
const tokens: Record<string, string> = {};
let theirJob: string;
beforeAll(async () => {
  mine = await makeRepository(SHOP);
  theirs = await makeRepository({ 'vault.py': 'def open_vault(code):\n    return code == 4711\n' });
  await symlink(theirs.path, join(mine.path, 'link'));
  setting = await freshSetting('/');
  setting.env.CODEBASE_MCP_TOKEN_FILE = join(
    dirname(String(setting.env.CODEBASE_MCP_DATA_DIR)),
    'config',
    'tokens.json',
  );
  await run(setting, 'index', mine.path, '--project', 'mine');
  await run(setting, 'index', theirs.path, '--project', 'theirs');
  const create = async (name: string, ...args: readonly string[]) => {
    tokens[name] = (await run(setting, 'token', 'create', name, ...args)).stdout.trim();
  };
  await create('reader', '--project', 'mine');
  await create('writer', '--project', 'mine', '--write');
  await create('other', '--project', 'theirs');
  await create('all', '--all-projects', '--write');
  server = await serve(setting, '--require-token', '--root', mine.path);
  const all = await server.connect('modern', tokens.all);
  const { structured } = await call(all, 'get_indexing_status');
  theirJob =
    (structured as { jobs: { job_id: string; project: string }[] }).jobs.find((job) => job.project === 'theirs')
      ?.job_id ?? '';
  expect(theirJob).not.toBe('');
  await all.close();
});
afterAll(async () => {
  await server.stop();
  await setting.remove();
  await mine.remove();
  await theirs.remove();
});

/** For each name of an argument: what is another's, and what is nobody's. */
const foreign = (): Record<string, readonly [string, string]> => ({
  project: ['theirs', 'nobodys'],
  projects: ['theirs', 'nobodys'],
  path: [theirs.path, `${theirs.path}-not`],
  repository: [theirs.path, `${theirs.path}-not`],
  file: [join(theirs.path, 'vault.ts'), join(`${theirs.path}-not`, 'vault.ts')],
  job_id: [theirJob, '00000000-0000-4000-8000-000000000000'],
});

const without = (text: string, value: string) => text.replaceAll(value, '<asked>');

describe.each<Era>(['legacy', 'modern'])('a token of one project in the %s era', (era) => {
  let client: Client;
  beforeAll(async () => {
    client = await server.connect(era, tokens.writer);
  });
  afterAll(() => client.close());

  test('is refused what is another’s exactly as what is not there, by every tool and argument', async () => {
    const { tools } = await client.listTools();
    const asked: string[] = [];
    for (const { name, inputSchema } of tools) {
      const needed = Object.fromEntries(
        (inputSchema.required ?? []).map((argument) => [argument, foreign()[argument]?.[0] ?? 'vault']),
      );
      const known = Object.keys(inputSchema.properties ?? {}).filter((argument) => argument in foreign());
      for (const argument of known) {
        const answers = [];
        for (const value of foreign()[argument] ?? []) {
          const { text, isError } = await call(client, name, { ...needed, [argument]: value });
          expect({ name, argument, isError }).toEqual({ name, argument, isError: true });
          answers.push(without(text, value));
        }
        expect(answers[0]).toBe(answers[1]);
        expect(answers[0]).not.toMatch(/vault|theirs/);
        asked.push(`${name}.${argument}`);
      }
    }
    expect(asked.length).toBeGreaterThanOrEqual(tools.length);
  });

  test('sees only its own in what lists everything', async () => {
    for (const name of ['list_projects', 'get_indexing_status']) {
      const { text, structured, isError } = await call(client, name);
      expect(isError).toBe(false);
      expect(text + JSON.stringify(structured)).toContain(mine.path);
      expect(text + JSON.stringify(structured)).not.toContain(theirs.path);
      expect(text + JSON.stringify(structured)).not.toContain('theirs');
    }
  });

  test('reads and completes nothing of another’s, and cannot tell it from what is not there', async () => {
    const { resources } = await client.listResources();
    expect(resources.length).toBeGreaterThan(0);
    expect(JSON.stringify(resources)).not.toContain('theirs');
    const refusal = async (project: string, rest: string): Promise<string> =>
      client.readResource({ uri: `codebase://${project}${rest}` }).then(
        () => 'read',
        (error: Error) => without(error.message, project),
      );
    const theirName = basename(theirs.path);
    for (const rest of [
      '',
      `/${theirName}`,
      `/${theirName}/vault.py`,
      `/${encodeURIComponent(theirs.path)}/vault.py`,
    ]) {
      expect(await refusal('theirs', rest)).toBe(await refusal('nobodys', rest));
      expect(await refusal('theirs', rest)).toContain('Your token is for project mine');
      if (rest !== '') expect(await refusal('mine', rest)).not.toContain('read');
    }
    const ref = { type: 'ref/resource' as const, uri: 'codebase://{project}/{repository}/{+path}' };
    const completed = async (name: string, value: string, given: Record<string, string> = {}) =>
      (await client.complete({ ref, argument: { name, value }, context: { arguments: given } })).completion.values;
    expect(await completed('project', '')).toEqual(['mine']);
    expect(await completed('repository', '')).toEqual([basename(mine.path)]);
    expect(await completed('repository', '', { project: 'theirs' })).toEqual([]);
    expect(await completed('path', '', { project: 'theirs', repository: theirName })).toEqual([]);
    expect(await completed('path', '', { project: 'mine', repository: theirName })).toEqual([]);
  });

  test('searches its own project without naming it, and no path that leads out of it', async () => {
    const { structured } = await call(client, 'search_code', { query: 'open the vault' });
    expect(structured).toMatchObject({ project: 'mine', searched: { repositories: [mine.path] } });
    const out = await call(client, 'search_code', { query: 'open the vault', repository: join(mine.path, 'link') });
    expect(out).toMatchObject({ isError: true, text: expect.stringContaining('is not part of that') });
    const own = await call(client, 'index_repository', { path: mine.path });
    expect(own).toMatchObject({ isError: false, structured: { project: 'mine' } });
  });
});

test('a task of another project is like one that is not there', async () => {
  const client = await server.connect('modern', tokens.writer);
  const session = taskSession(client);
  const refusal = async (asked: Promise<unknown>, id: string): Promise<string> =>
    asked.then(
      () => 'answered',
      (error: Error) => without(error.message, id),
    );
  const refusals: string[] = [];
  for (const id of [theirJob, '00000000-0000-4000-8000-000000000000']) {
    const task = session.task(id as never);
    for (const asked of [task.snapshot(), task.cancel(), task.update({})]) refusals.push(await refusal(asked, id));
  }
  expect(new Set(refusals)).toEqual(new Set([expect.stringContaining('Your token is for project mine')]));
  await client.close();
  const other = await server.connect('modern', tokens.other);
  const theirTask = taskSession(other).task(theirJob as never);
  expect(await theirTask.snapshot()).toMatchObject({ status: 'completed' });
  await expect(theirTask.cancel()).rejects.toThrow('for reading');
  await other.close();
});

test('a reading token changes nothing', async () => {
  const client = await server.connect('modern', tokens.reader);
  const refusals = [
    await call(client, 'index_repository', { path: mine.path }),
    await call(client, 'remove_repository', { path: mine.path, confirm: true }),
    await call(client, 'cancel_indexing', { job_id: theirJob }),
  ];
  for (const { isError, text } of refusals)
    expect({ isError, text }).toMatchObject({ isError: true, text: expect.stringContaining('for reading') });
  expect(await call(client, 'search_code', { query: 'sum of the cart', repository: mine.path })).toMatchObject({
    isError: false,
  });
  await client.close();
});

test('a token for everything names what is indexed or under a root, and nothing else on the disk', async () => {
  const client = await server.connect('modern', tokens.all);
  const elsewhere = await makeRepository({ 'a.py': 'a = 1\n' });
  expect(await call(client, 'index_repository', { path: elsewhere.path })).toMatchObject({
    isError: true,
    text: expect.stringContaining('is not under a directory that this server serves'),
  });
  expect(
    await call(client, 'search_code', { query: 'vault', repository: theirs.path, project: 'theirs' }),
  ).toMatchObject({ isError: false });
  await mkdir(join(mine.path, '.ssh'));
  expect(await call(client, 'index_repository', { path: join(mine.path, '.ssh') })).toMatchObject({
    isError: true,
    text: expect.stringContaining('a directory of keys'),
  });
  await elsewhere.remove();
  await client.close();
});

test('no token, a wrong one and a revoked one are not let in; a session belongs to its token', async () => {
  const bearer = (token: string | undefined) => ({ authorization: `Bearer ${token}` });
  const absent = await post(server.url, INITIALIZE);
  expect(absent.status).toBe(401);
  expect(absent.headers.get('www-authenticate')).toContain('Bearer');
  const forged = `${tokens.reader?.slice(0, -1)}${tokens.reader?.endsWith('A') ? 'B' : 'A'}`;
  for (const wrong of ['x', 'cbm_00000000_'.padEnd(56, 'A'), forged])
    expect((await post(server.url, INITIALIZE, bearer(wrong))).status).toBe(401);
  expect((await fetch(new URL('/metrics', server.url))).status).toBe(401);

  const opened = await post(server.url, INITIALIZE, bearer(tokens.reader));
  const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' };
  await opened.text();
  const ping = { jsonrpc: '2.0', id: 2, method: 'ping' };
  expect((await post(server.url, ping, { ...session, ...bearer(tokens.other) })).status).toBe(404);
  expect((await post(server.url, ping, { ...session, ...bearer(tokens.reader) })).status).toBe(200);

  const listen = (token: string | undefined, id: Record<string, string>) =>
    fetch(server.url, { headers: { accept: 'text/event-stream', ...id, ...bearer(token) } });
  const others = await post(server.url, INITIALIZE, bearer(tokens.other));
  const stays = { 'mcp-session-id': others.headers.get('mcp-session-id') ?? '' };
  const stream = await listen(tokens.reader, session);
  expect(stream.status).toBe(200);

  expect((await run(setting, 'token', 'revoke', 'reader')).stdout).toContain('Revoked reader');
  expect((await post(server.url, ping, { ...session, ...bearer(tokens.reader) })).status).toBe(401);
  expect(await stream.text()).toMatch(/^: open/); // to its end, where the server lets go of it
  expect((await post(server.url, ping, { ...stays, ...bearer(tokens.other) })).status).toBe(200);
});

test('tokens are kept as hashes in a file of their owner, and shown without them', async () => {
  const file = String(setting.env.CODEBASE_MCP_TOKEN_FILE);
  const kept = await readFile(file, 'utf8');
  for (const token of Object.values(tokens)) expect(kept).not.toContain(token.slice('cbm_00000000_'.length));
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const list = await run(setting, 'token', 'list');
  expect(list.stdout).toMatch(/writer: read and write mine, until \d{4}/);
  expect((await run(setting, 'token', 'list', '--json')).stdout).not.toContain('sha256');
  expect(await run(setting, 'token', 'create', 'writer', '--project', 'mine')).toMatchObject({ code: 10 });
  expect(await run(setting, 'token', 'create', 'vague')).toMatchObject({ code: 10 });
  expect(await run(setting, 'token', 'create', 'odd', '--project', 'No!')).toMatchObject({ code: 10 });
  const made = await Promise.all(
    ['one', 'two', 'three'].map((name) => run(setting, 'token', 'create', name, '--project', 'mine')),
  );
  expect(made.map(({ code }) => code)).toEqual([0, 0, 0]);
  const { stdout } = await run(setting, 'token', 'list');
  for (const name of ['one', 'two', 'three']) expect(stdout).toContain(` ${name}: read mine`);
  await chmod(file, 0o644);
  expect(await run(setting, 'token', 'list')).toMatchObject({ code: 24, stderr: expect.stringContaining('chmod 600') });
  await chmod(file, 0o600);
});

test('another address than this machine’s own is not served without tokens', async () => {
  const bare = await freshSetting('/');
  bare.env.CODEBASE_MCP_TOKEN_FILE = join(dirname(String(bare.env.CODEBASE_MCP_DATA_DIR)), 'tokens.json');
  expect(await run(bare, 'serve', '--http', '0.0.0.0:0')).toMatchObject({
    code: 10,
    stderr: expect.stringContaining('codebase-mcp token create'),
  });
  expect(await run(bare, 'serve', '--http', 'nonsense')).toMatchObject({
    code: 10,
    stderr: expect.stringContaining('HOST:PORT'),
  });
  await bare.remove();
});
