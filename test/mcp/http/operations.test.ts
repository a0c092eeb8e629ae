// What an operator sees: probes, metrics, a log line per request without what was asked, and an end that waits for answers.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestRepository } from '../../app/repository.js';
import { freshSetting, type Setting } from '../../cli/command.js';
import { freshShop } from '../../cli/shop.js';
import { call } from '../client.js';
import { type HttpServer, INITIALIZE, post, serve } from './server.js';

let shop: TestRepository;
let setting: Setting & { remove: () => Promise<void> };
let server: HttpServer;
beforeAll(async () => {
  ({ shop, setting } = await freshShop());
  server = await serve(setting, '--session-idle', '1');
});
afterAll(async () => {
  await server.stop();
  await setting.remove();
});

const at = (path: string) => fetch(new URL(path, server.url));
const sessions = async () => Number(/^codebase_mcp_sessions (\d+)/m.exec(await (await at('/metrics')).text())?.[1]);
const logged = async (): Promise<Record<string, unknown>[]> => {
  const lines = (await readFile(String(setting.env.CODEBASE_MCP_LOG_FILE), 'utf8')).trim().split('\n');
  return lines.map((line) => JSON.parse(line));
};

test('a search is counted and logged by names and times, never by what was asked', async () => {
  const client = await server.connect('legacy');
  expect((await call(client, 'search_code', { query: 'where is the secret unicorn' })).isError).toBe(false);
  await client.close();
  const metrics = await (await at('/metrics')).text();
  expect(metrics).toMatch(/codebase_mcp_message_seconds_count\{method="tools\/call"\} 1/);
  expect(metrics).toMatch(/codebase_mcp_http_requests_total\{route="\/mcp",status="200"\} [2-9]/);
  expect(metrics).toContain('process_resident_memory_bytes');
  await expect.poll(logged).toContainEqual(
    expect.objectContaining({
      msg: 'request',
      request: expect.stringMatching(/^[0-9a-f-]{36}$/),
      message: 'tools/call',
      tool: 'search_code',
      status: 200,
      ms: expect.any(Number),
    }),
  );
  expect(await readFile(String(setting.env.CODEBASE_MCP_LOG_FILE), 'utf8')).not.toContain('unicorn');
});

test('whatever a client calls its method, the metrics keep their names', async () => {
  const answer = await post(server.url, { ...INITIALIZE, method: 'invented' });
  expect(answer.headers.get('x-request-id')).toHaveLength(36);
  await answer.text();
  const metrics = await (await at('/metrics')).text();
  expect(metrics).toContain('method="other"');
  expect(metrics).not.toContain('invented');
});

test('it lives, is ready, and is not ready while the index cannot be asked', async () => {
  expect(await (await at('/healthz')).json()).toEqual({ status: 'ok' });
  expect((await at('/readyz')).status).toBe(200);
  const broken = await freshSetting(shop.path);
  await writeFile(String(broken.env.CODEBASE_MCP_DATA_DIR), 'a file where the directory should be');
  const other = await serve(broken);
  expect((await fetch(new URL('/healthz', other.url))).status).toBe(200);
  expect((await fetch(new URL('/readyz', other.url))).status).toBe(503);
  await other.stop();
  await rm(String(broken.env.CODEBASE_MCP_DATA_DIR));
  await broken.remove();
});

test('idle sessions end by themselves, one with an open stream does not', async () => {
  const begin = async () => {
    const answer = await post(server.url, INITIALIZE);
    await answer.text();
    return { 'mcp-session-id': answer.headers.get('mcp-session-id') ?? '', accept: 'text/event-stream' };
  };
  await begin();
  const kept = await begin();
  const stream = new AbortController();
  // Kept in hand: fetch ends a stream whose answer nobody holds any more.
  const open = await fetch(server.url, { headers: kept, signal: stream.signal });
  expect(open.status).toBe(200);
  await expect.poll(sessions, { timeout: 20_000 }).toBe(1);
  expect(open.bodyUsed).toBe(false);
  stream.abort();
  await expect.poll(sessions, { timeout: 20_000 }).toBe(0);
});

test('one who asks too often is asked to wait', async () => {
  const strict = await serve(setting, '--rate-limit', '1');
  const statuses: number[] = [];
  for (let n = 0; n < 40; n++) {
    const answer = await post(strict.url, { ...INITIALIZE, method: 'ping' });
    statuses.push(answer.status);
    if (answer.status === 429) expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    await answer.text();
  }
  expect(statuses).toContain(429);
  expect((await fetch(new URL('/healthz', strict.url))).status).toBe(200);
  await strict.stop();
});

test('a search in hand is answered although the server was told to stop', async () => {
  const own = await serve(setting);
  const client = await own.connect('modern');
  await shop.write({ 'new.py': 'def brand_new():\n    return 1\n' });
  const answer = call(client, 'index_repository', { path: shop.path });
  await expect
    .poll(async () => await (await fetch(new URL('/metrics', own.url))).text(), { interval: 1 })
    .toMatch(/in_flight 1/);
  const { code } = await own.stop();
  expect({ code, isError: (await answer).isError }).toEqual({ code: 143, isError: false });
});
