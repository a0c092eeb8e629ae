// Clients that mean harm or are broken: whatever they do, the others are served.
import { once } from 'node:events';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Setting } from '../../cli/command.js';
import { freshShop } from '../../cli/shop.js';
import { call } from '../client.js';
import { type HttpServer, INITIALIZE, post, serve } from './server.js';

let setting: Setting & { remove: () => Promise<void> };
let server: HttpServer;
let other: Client;
beforeAll(async () => {
  ({ setting } = await freshShop());
  server = await serve(setting);
  other = await server.connect('legacy');
  expect(await search()).toBe(false);
});
afterAll(async () => {
  await other.close();
  await server.stop();
  await setting.remove();
});

/** Did a search of somebody else's fail? */
const search = async () => (await call(other, 'search_code', { query: 'sum of the cart' })).isError;
const metric = async (name: string) => {
  const text = await (await fetch(new URL('/metrics', server.url))).text();
  return Number(new RegExp(`^${name} ([\\d.]+)`, 'm').exec(text)?.[1]);
};
const open = async (): Promise<Socket> => {
  const socket = connect(Number(server.url.port), server.url.hostname);
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
};
const HEAD =
  'POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\naccept: application/json, text/event-stream\r\n';

test('those who send a byte now and then are cut off, in the headers and in the body', async () => {
  const slow = await Promise.all(Array.from({ length: 200 }, open));
  const ended = slow.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
  slow.forEach(
    (socket, n) => void socket.write(n % 2 === 0 ? 'POST /mcp HTTP/1.1\r\nho' : `${HEAD}content-length: 1000\r\n\r\n{`),
  );
  const drip = setInterval(() => {
    for (const socket of slow) if (socket.writable) socket.write('x');
  }, 1000);
  expect(await search()).toBe(false);
  await Promise.all(ended);
  clearInterval(drip);
  expect(await search()).toBe(false);
});

test('a body of 100 MB is refused before it is in memory, announced or not', async () => {
  const before = await metric('process_resident_memory_bytes');
  const block = Buffer.alloc(1_000_000, ' ');
  const endless = () => Readable.from(Array.from({ length: 100 }, () => block));
  for (const headers of [{ 'content-length': String(100 * block.length) }, {}]) {
    const { hostname: host, port } = server.url;
    const sent = request({
      host,
      port,
      path: '/mcp',
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
    });
    const answered = once(sent, 'response').then(([response]) => response.statusCode);
    // Cut off in the middle, a client may see its connection end before it sees the answer.
    sent.on('error', () => {});
    endless()
      .on('error', () => {})
      .pipe(sent);
    expect(await answered.catch(() => 413)).toBe(413);
    sent.destroy();
  }
  expect(await search()).toBe(false);
  expect((await metric('process_resident_memory_bytes')) - before).toBeLessThan(80e6);
});

test('a flood of sessions that nobody uses pushes out its own kind, not those in use', async () => {
  for (let round = 0; round < 11; round++) {
    const answers = await Promise.all(Array.from({ length: 100 }, () => post(server.url, INITIALIZE)));
    await Promise.all(answers.map((answer) => answer.text()));
  }
  expect(await metric('codebase_mcp_sessions')).toBeLessThanOrEqual(1000);
  expect(await search()).toBe(false);
});

test('one who asks far ahead of the answers is cut off', async () => {
  const eager = (await open()).resume();
  const closed = new Promise((resolve) => eager.once('close', resolve));
  eager.write('GET /readyz HTTP/1.1\r\nhost: localhost\r\n\r\n'.repeat(200));
  await closed;
  expect(await search()).toBe(false);
});

test('one who asks and never reads keeps nobody waiting', async () => {
  const deaf = await Promise.all(Array.from({ length: 50 }, open));
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'deaf', version: '0' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta: meta } });
  const headers = `mcp-protocol-version: 2026-07-28\r\nmcp-method: tools/list\r\ncontent-length: ${body.length}\r\n\r\n`;
  for (const socket of deaf) {
    socket.pause();
    // One after the other on one connection: the answers pile up behind the first, which is not read.
    for (let n = 0; n < 60; n++) socket.write(HEAD + headers + body);
  }
  await sleep(500);
  expect(await search()).toBe(false);
  expect((await fetch(new URL('/healthz', server.url))).status).toBe(200);
  for (const socket of deaf) socket.destroy();
  await expect.poll(() => metric('codebase_mcp_requests_in_flight'), { timeout: 30_000 }).toBe(0);
});
