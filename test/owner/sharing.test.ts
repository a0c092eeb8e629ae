// Any number of programs on one embedded database: real processes, an empty data directory, one owner.
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@modelcontextprotocol/client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SearchAnswer } from '#src/service.js';
import { makeRepository } from '../app/repository.js';
import { type Outcome, outcome, run, type Setting, start } from '../cli/command.js';
import { freshShop } from '../cli/shop.js';
import { call, connect } from '../mcp/client.js';
import { isAlive, killOwner, logged, ownerPid, until } from './processes.js';

let setting: Setting & { remove: () => Promise<void> };
let clients: Client[];
beforeEach(async () => {
  ({ setting } = await freshShop());
  clients = [];
});
afterEach(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await setting.remove();
});

const QUESTIONS: Readonly<Record<string, string>> = {
  'sum of all items with the discount for loyal customers': 'src/cart.ts',
  'no price for an item': 'src/prices.ts',
  'copies the order database every night': 'tools/backup.py',
  NightlyBackup: 'tools/backup.py',
};

async function window(): Promise<Client> {
  const client = await connect(setting, 'legacy');
  clients.push(client);
  return client;
}

async function firstPath(client: Client, query: string, more: object = {}): Promise<string | undefined> {
  const { structured, text, isError } = await call(client, 'search_code', { query, ...more });
  if (isError) throw new Error(text);
  return (structured as unknown as SearchAnswer).results[0]?.path;
}

test('four editor windows and four commands at once against an empty directory', { timeout: 180_000 }, async () => {
  const windows = Object.entries(QUESTIONS).map(async ([query, path]) => {
    expect(await firstPath(await window(), query)).toBe(path);
  });
  const commands = [['index'], ['search', 'cartTotal'], ['status'], ['projects']].map((args) => run(setting, ...args));
  const [, ended] = await Promise.all([Promise.all(windows), Promise.all(commands)]);
  expect(ended.map(({ code, stderr }: Outcome) => ({ code, problem: /codebase-mcp: .*/.exec(stderr) }))).toEqual(
    Array(4).fill({ code: 0, problem: null }),
  );
  expect(ended[1]?.stdout).toContain('src/cart.ts:');
  const messages = await logged(setting);
  expect(messages.filter((message) => message === 'owner started')).toHaveLength(1);
  expect(messages.filter((message) => message === 'indexing completed').length).toBeLessThan(4);
});

const LONG_PATHS = [...Array.from({ length: 99 }, (_, i) => `${`very-deep-${i}/`.repeat(250)}*.ts`), 'tools/*'];

test('the same with requests of 300 kB', { timeout: 180_000 }, async () => {
  expect(JSON.stringify(LONG_PATHS).length).toBeGreaterThan(300_000);
  const queries = Object.keys(QUESTIONS);
  const windows = queries.map(async (query) =>
    firstPath(await window(), query, { paths: LONG_PATHS, languages: ['python'] }),
  );
  const flags = ['--language', 'python', ...LONG_PATHS.flatMap((path) => ['--path-glob', path])];
  const commands = queries.map(async (query) => {
    const { stdout, stderr } = await run(setting, 'search', query, '--json', ...flags);
    expect(stderr).not.toMatch(/codebase-mcp: /);
    return (JSON.parse(stdout) as SearchAnswer).results[0]?.path;
  });
  expect(await Promise.all([...windows, ...commands])).toEqual(Array(8).fill('tools/backup.py'));
  expect((await logged(setting)).filter((message) => message === 'owner started')).toHaveLength(1);
});

test('an owner started from a git hook does not take every repository for that one', async () => {
  const other = await makeRepository({ 'hook.ts': 'export const hooked = true;\n' });
  const hook = { ...setting, env: { ...setting.env, GIT_DIR: join(other.path, '.git'), GIT_WORK_TREE: other.path } };
  const { results } = JSON.parse((await run(hook, 'search', 'NightlyBackup', '--json')).stdout) as SearchAnswer;
  expect(results[0]?.path).toBe('tools/backup.py');
  await other.remove();
});

test('only this account may reach the owner', async () => {
  await run(setting, 'projects');
  const directory = String(setting.env['CODEBASE_MCP_DATA_DIR']);
  const modes = await Promise.all(
    ['', 'owner.json', 'owner.1.sock'].map(async (name) =>
      ((await stat(join(directory, name))).mode & 0o777).toString(8),
    ),
  );
  expect(modes).toEqual(['700', '600', '600']);
});

test('five windows search while the owner is killed: each gets its answer', { timeout: 180_000 }, async () => {
  await run(setting, 'index');
  const windows = await Promise.all(Array.from({ length: 5 }, window));
  await Promise.all(windows.map((client) => firstPath(client, 'cart')));
  const asked = windows.map((client) => firstPath(client, 'cartTotal'));
  await killOwner(setting);
  expect(await Promise.all(asked)).toEqual(Array(5).fill('src/cart.ts'));
  expect(await Promise.all(windows.map((client) => firstPath(client, 'NightlyBackup')))).toEqual(
    Array(5).fill('tools/backup.py'),
  );
});

test('the owner is started once, looked at, and ended by command', async () => {
  const none = await run(setting, 'owner', 'status');
  expect(none.stdout).toBe(`No owner holds ${setting.env['CODEBASE_MCP_DATA_DIR']}.\n`);
  const client = await window();
  await firstPath(client, 'cart');
  const status = JSON.parse((await run(setting, 'owner', 'status', '--json')).stdout);
  const pid = await ownerPid(setting);
  expect(status).toMatchObject({ pid, clients: 1, calls: 0, jobs: 0, embedder: 'static', idle_seconds: 5 });
  expect((await run(setting, 'owner')).stderr).toContain(`is in use by process ${pid} (codebase-mcp owner, since`);
  const stopped = await run(setting, 'owner', 'stop');
  expect(stopped).toMatchObject({ code: 0, stderr: '' });
  expect(stopped.stdout).toContain(`Process ${pid} has let go of`);
  await until(() => !isAlive(Number(pid)));
  expect(await firstPath(client, 'cartTotal')).toBe('src/cart.ts');
});

test('without clients and jobs the owner ends by itself', async () => {
  setting.env['CODEBASE_MCP_OWNER_IDLE_SECONDS'] = '0.5';
  await run(setting, 'index');
  const pid = Number(await ownerPid(setting));
  await until(() => !isAlive(pid));
  expect((await logged(setting)).at(-1)).toBe('owner leaves');
  expect(await ownerPid(setting)).toBeNull();
});

test('a command that needs the database to itself sends an idle owner away', async () => {
  await run(setting, 'index');
  const backup = join(String(setting.env['CODEBASE_MCP_DATA_DIR']), 'backups', 'all.backup');
  await mkdir(join(backup, '..'), { recursive: true });
  expect(await run(setting, 'db', 'backup', backup)).toMatchObject({ code: 0 });
  expect((await run(setting, 'search', 'cartTotal')).code).toBe(0);
});

const EDITOR = `
const { spawn } = require('node:child_process');
const server = spawn(process.execPath, [process.argv[1], 'mcp'], { stdio: ['pipe', 'pipe', 'ignore'] });
const say = (id, method, params) => server.stdin.write(JSON.stringify({ jsonrpc: '2.0', id, method, params }) + '\\n');
say(1, 'initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'editor', version: '0' } });
say(2, 'tools/call', { name: 'search_code', arguments: { query: 'cart' } });
let seen = '';
server.stdout.on('data', (text) => { seen += text; if (seen.includes('"id":2')) console.log(server.pid); });
`;

test('an editor that is killed leaves nothing but the owner, which ends by itself', async () => {
  const editor = start({ ...setting, main: '-e' }, EDITOR, setting.main);
  const ended = outcome(editor);
  const server = Number(
    await new Promise<string>((resolve) => editor.stdout.once('data', (text) => resolve(`${text}`))),
  );
  const owner = Number(await ownerPid(setting));
  editor.kill('SIGKILL');
  await ended;
  await until(() => !isAlive(server));
  await until(() => !isAlive(owner));
  expect((await logged(setting)).at(-1)).toBe('owner leaves');
});
