// The stdio server's life: it answers before it opens anything, writes nothing but protocol, and ends with its client.
import { on, once } from 'node:events';
import { existsSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { outcome, run, type Setting, start } from '../cli/command.js';
import { freshShop } from '../cli/shop.js';

let setting: Setting & { remove: () => Promise<void> };
beforeEach(async () => {
  ({ setting } = await freshShop());
});
afterEach(async () => {
  await setting.remove();
});

const message = (id: number, method: string, params: object): string =>
  `${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`;
const INITIALIZE = message(1, 'initialize', {
  protocolVersion: '2025-06-18',
  capabilities: {},
  clientInfo: { name: 'test', version: '0' },
});
const SEARCH = message(2, 'tools/call', { name: 'search_code', arguments: { query: 'cart' } });

test('initialize is answered without a database, and a closed stdin ends the process', async () => {
  const server = start(setting, 'mcp');
  const ended = outcome(server);
  server.stdin.write(INITIALIZE);
  await once(server.stdout, 'data');
  expect(existsSync(String(setting.env.CODEBASE_MCP_DATA_DIR))).toBe(false);
  server.stdin.end();
  const { code, stdout, stderr } = await ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({ id: 1, result: { serverInfo: { name: 'codebase-mcp' } } });
});

test.each(['stdin', 'SIGINT', 'SIGTERM'] as const)(
  'ended by %s after work, the database opens cleanly',
  async (how) => {
    const server = start(setting, 'mcp');
    const ended = outcome(server);
    server.stdin.write(INITIALIZE + SEARCH);
    let seen = '';
    for await (const [text] of on(server.stdout, 'data')) {
      seen += text;
      if (seen.includes('"id":2')) break;
    }
    if (how === 'stdin') server.stdin.end();
    else server.kill(how);
    const { code, stdout, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: { stdin: 0, SIGINT: 130, SIGTERM: 143 }[how], stderr: '' });
    for (const line of stdout.trimEnd().split('\n')) expect(JSON.parse(line)).toMatchObject({ jsonrpc: '2.0' });
    expect((await run(setting, 'status')).code).toBe(0);
  },
);

test('garbage on stdin is answered as such and is no reason to stop', async () => {
  const server = start(setting, 'mcp');
  const ended = outcome(server);
  server.stdin.write(
    `hello\n{"jsonrpc":"2.0"}\n[]\n\u0000\n{"jsonrpc":"2.0","id":7,"method":"ping","params":5}\n${INITIALIZE}`,
  );
  let seen = '';
  for await (const [text] of on(server.stdout, 'data')) {
    seen += text;
    if (seen.includes('"serverInfo"')) break;
  }
  server.stdin.end();
  expect((await ended).code).toBe(0);
  const answers = seen
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(answers.map(({ id, error }) => [id, error?.code])).toEqual([
    [null, -32700],
    [null, -32600],
    [null, -32600],
    [null, -32700],
    [7, -32600],
    [1, undefined],
  ]);
});
