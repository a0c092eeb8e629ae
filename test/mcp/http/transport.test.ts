// Streamable HTTP as clients of both eras see it: the tools, sessions where the era has them, whose requests are let in, and
// how the server ends.
import { once } from 'node:events';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run, type Setting } from '../../cli/command.js';
import { freshShop } from '../../cli/shop.js';
import { call, type Era } from '../client.js';
import { type HttpServer, INITIALIZE, post, serve } from './server.js';

let setting: Setting & { remove: () => Promise<void> };
let server: HttpServer;
beforeAll(async () => {
  ({ setting } = await freshShop());
  server = await serve(setting);
});
afterAll(async () => {
  await server.stop();
  await setting.remove();
});

describe.each<Era>(['legacy', 'modern'])('in the %s era', (era) => {
  test('a search finds, with progress, and a second client searches beside it', async () => {
    const clients = await Promise.all([server.connect(era), server.connect(era)]);
    const answers = await Promise.all(
      clients.map((client) => call(client, 'search_code', { query: 'sum of the cart', limit: 1 })),
    );
    for (const { isError, structured } of answers) {
      expect(isError).toBe(false);
      expect(structured).toMatchObject({ results: [{ path: 'src/cart.ts' }] });
    }
    await Promise.all(clients.map((client) => client.close()));
  });
});

describe('sessions', () => {
  const begin = async (): Promise<string> => {
    const response = await post(server.url, INITIALIZE);
    await response.text();
    return response.headers.get('mcp-session-id') ?? '';
  };
  const ping = { jsonrpc: '2.0', id: 2, method: 'ping' };

  test('live until their client ends them', async () => {
    const session = { 'mcp-session-id': await begin() };
    expect((await post(server.url, ping, session)).status).toBe(200);
    expect((await fetch(server.url, { method: 'DELETE', headers: session })).status).toBe(200);
    expect((await post(server.url, ping, session)).status).toBe(404);
  });

  test('their stream may be taken up again as soon as it was let go', async () => {
    const headers = { 'mcp-session-id': await begin(), accept: 'text/event-stream' };
    const first = new AbortController();
    expect((await fetch(server.url, { headers, signal: first.signal })).status).toBe(200);
    expect((await fetch(server.url, { headers })).status).toBe(409);
    first.abort();
    const again = new AbortController();
    await expect
      .poll(async () => (await fetch(server.url, { headers, signal: again.signal })).status, { timeout: 5000 })
      .toBe(200);
    again.abort();
  });
});

describe('refused in one sentence', () => {
  /** fetch writes the Host header itself. */
  const status = async (headers: Record<string, string>, path = '/mcp'): Promise<number | undefined> => {
    const { hostname: host, port } = server.url;
    const sent = request({
      host,
      port,
      path,
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
    });
    sent.end('{}');
    const [response] = await once(sent, 'response');
    response.resume();
    return response.statusCode;
  };

  test('a foreign Host or Origin, an unknown place', async () => {
    expect(await status({ host: 'attacker.example' })).toBe(403);
    expect(await status({ origin: 'https://attacker.example' })).toBe(403);
    expect(await status({ origin: 'null' })).toBe(403);
    expect(await status({}, '/other')).toBe(404);
    expect(await status({ origin: 'http://localhost:6274' })).not.toBe(403);
  });

  test('what is no message of the protocol', async () => {
    expect((await post(server.url, 'hello')).status).toBe(400);
    expect((await post(server.url, INITIALIZE, { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await post(server.url, { jsonrpc: '2.0', id: 1, method: 'tools/list' })).status).toBe(400);
    expect((await post(server.url, INITIALIZE, { 'mcp-session-id': 'nobody' })).status).toBe(404);
    expect((await fetch(server.url, { headers: { accept: 'text/event-stream' } })).status).toBe(400);
  });
});

test('a second server on the same port says so, and each ends at SIGTERM with its streams', async () => {
  const own = await serve(setting);
  const second = await run(setting, 'serve', '--http', own.url.host);
  expect(second).toMatchObject({ code: 20, stderr: expect.stringContaining('is in use by another program') });
  const client = await own.connect('legacy');
  expect(await own.stop()).toMatchObject({ code: 143, stdout: '' });
  await client.close();
});
