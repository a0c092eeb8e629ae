// Every tool is listed and called by independent clients: both generations of the SDK, both protocol eras, the command line
// of the Inspector, stdio and HTTP. The newest Inspector needs a newer Node: scripts/inspector.sh.
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as StdioV1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestRepository } from '../app/repository.js';
import type { Setting } from '../cli/command.js';
import { freshShop } from '../cli/shop.js';
import { connect } from './client.js';
import { type HttpServer, serve } from './http/server.js';
import { inspector } from './inspector.js';

interface AnyClient {
  listTools(): Promise<{ tools: { name: string }[] }>;
  callTool(request: { name: string; arguments: Record<string, unknown> }): Promise<object>;
  close(): Promise<void>;
}

let shop: TestRepository;
let setting: Setting & { remove: () => Promise<void> };
let server: HttpServer;
beforeAll(async () => {
  ({ shop, setting } = await freshShop());
  server = await serve(setting, '--root', shop.path);
});
afterAll(async () => {
  await server.stop();
  await setting.remove();
});

const CLIENTS: Readonly<Record<string, () => Promise<AnyClient>>> = {
  'SDK 2, legacy era, stdio': () => connect(setting, 'legacy'),
  'SDK 2, modern era, stdio': () => connect(setting, 'modern'),
  'SDK 1, stdio': async () => {
    const client = new ClientV1({ name: 'test', version: '0' });
    const env = Object.fromEntries(Object.entries(setting.env).map(([name, value]) => [name, value ?? '']));
    await client.connect(
      new StdioV1({ command: process.execPath, args: [setting.main, 'mcp'], cwd: setting.cwd, env }),
    );
    return client;
  },
  'SDK 2, legacy era, HTTP': () => server.connect('legacy'),
  'SDK 2, modern era, HTTP': () => server.connect('modern'),
  'SDK 1, HTTP': async () => {
    const client = new ClientV1({ name: 'test', version: '0' });
    await client.connect(new HttpV1(server.url) as Parameters<ClientV1['connect']>[0]);
    return client;
  },
  'Inspector, stdio': async () => inspector(setting, process.execPath, setting.main, 'mcp'),
  'Inspector, HTTP': async () => inspector(setting, server.url.href),
};

/** A call of each tool that succeeds, in an order in which it does. */
const calls = (job: string): readonly (readonly [tool: string, args: Record<string, unknown>])[] => [
  ['search_code', { query: 'sum of the cart', repository: shop.path, limit: 1 }],
  ['find_related_code', { file: `${shop.path}/src/cart.ts`, line: 5 }],
  ['get_indexing_status', { job_id: job }],
  ['cancel_indexing', { job_id: job }],
  ['list_projects', {}],
  ['remove_repository', { path: shop.path, confirm: true }],
];

test.each(Object.entries(CLIENTS))('%s', async (_name, open) => {
  const client = await open();
  const { tools } = await client.listTools();
  const indexed = await client.callTool({ name: 'index_repository', arguments: { path: shop.path } });
  expect(indexed).toMatchObject({ structuredContent: { state: 'completed' } });
  const { job_id } = (indexed as { structuredContent: { job_id: string } }).structuredContent;
  const called = ['index_repository'];
  for (const [name, args] of calls(job_id)) {
    const answer = await client.callTool({ name, arguments: args });
    expect({ name, answer }).toMatchObject({ answer: { structuredContent: expect.anything() } });
    expect({ name, failed: 'isError' in answer && answer.isError === true }).toEqual({ name, failed: false });
    called.push(name);
  }
  expect(called.sort()).toEqual(tools.map(({ name }) => name).sort());
  await client.close();
});
