// Messages and arguments that no client should send, 10,000 of them over stdio and over HTTP: each is refused in the words of
// the protocol or with `isError`, and the server goes on.
import { createInterface } from 'node:readline';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { outcome, type Setting, start } from '../cli/command.js';
import { freshShop } from '../cli/shop.js';
import { INITIALIZE, post, serve } from './http/server.js';

/** Messages of a batch and batches of a transport; two kinds of batches, two transports: 10,000 and more. */
const BATCH = 50;
const BATCHES = 50;

interface Answer {
  readonly id?: unknown;
  readonly error?: { readonly code: number };
  readonly result?: { readonly isError?: boolean; readonly tools?: ListedTool[] };
}

interface ListedTool {
  readonly name: string;
  readonly inputSchema: { readonly properties?: Record<string, unknown> };
}
let setting: Setting & { remove: () => Promise<void> };
let tools: ListedTool[];
beforeAll(async () => {
  ({ setting } = await freshShop());
});
afterAll(async () => {
  await setting.remove();
});

/** A call with an argument that no reading of it allows: an object where there is none, or one that does not exist. */
const wrongCall = () =>
  fc.constantFrom(...tools).chain(({ name, inputSchema }) => {
    const value = fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1, maxKeys: 3 });
    const wrong = fc.constantFrom(...Object.keys(inputSchema.properties ?? {}), 'no_such_argument');
    return fc.record({
      method: fc.constant('tools/call'),
      params: fc
        .tuple(wrong, value)
        .map(([argument, given]) => ({ name, arguments: { query: 'x', [argument]: given } })),
    });
  });
const unknownMethod = () =>
  fc.record({ method: fc.string({ minLength: 1 }).map((name) => `no/${name}`), params: fc.object() });
const wrongParams = () =>
  fc.record({
    method: fc.constantFrom(
      ...['tools/call', 'prompts/get', 'resources/read', 'completion/complete', 'initialize'],
      ...['tasks/get', 'tasks/update', 'tasks/cancel'],
    ),
    params: fc.oneof(fc.object(), fc.jsonValue()),
  });
const refusable = () =>
  fc.array(fc.oneof(wrongCall(), unknownMethod(), wrongParams()), { minLength: BATCH, maxLength: BATCH });

/** No message at all: bytes, or JSON of any kind. */
const noise = fc.array(
  fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) =>
      Buffer.from(bytes)
        .toString('latin1')
        .replace(/[\r\n]/g, ' '),
    ),
    fc.json(),
    fc
      .record({ jsonrpc: fc.jsonValue(), id: fc.jsonValue(), method: fc.jsonValue(), params: fc.jsonValue() })
      .map((each) => JSON.stringify(each)),
    fc.string({ unit: 'binary' }).map((text) => text.replace(/[\r\n]/g, ' ')),
    fc
      .nat(2000)
      .map((depth) => `{"jsonrpc":"2.0","id":1,"method":"ping","params":${'['.repeat(depth)}${']'.repeat(depth)}}`),
  ),
  { minLength: BATCH, maxLength: BATCH },
);

const isRefusal = ({ error, result }: Answer) => typeof error?.code === 'number' || result?.isError === true;

type Ask = (message: { readonly method: string; readonly params?: unknown }, n: number) => Promise<Answer>;

async function expectRefusals(ask: Ask): Promise<void> {
  await fc.assert(
    fc.asyncProperty(refusable(), async (messages) => {
      const answers = await Promise.all(messages.map(ask));
      expect(messages.filter((_, n) => !isRefusal(answers[n] as Answer))).toEqual([]);
    }),
    { numRuns: BATCHES },
  );
}

test('over stdio', async () => {
  const server = start(setting, 'mcp');
  const ended = outcome(server);
  const waiting = new Map<unknown, (answer: Answer) => void>();
  createInterface(server.stdout).on('line', (line) => {
    const answer = JSON.parse(line) as Answer;
    if (answer.id === null) expect(answer.error?.code).toBeLessThanOrEqual(-32600);
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  let id = 0;
  const ask = (message: object): Promise<Answer> => {
    const own = `own-${id++}`;
    const answer = new Promise<Answer>((resolve) => waiting.set(own, resolve));
    server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: own, ...message })}\n`);
    return answer;
  };
  const { id: _, ...initialize } = INITIALIZE;
  await ask(initialize);
  tools = (await ask({ method: 'tools/list' })).result?.tools ?? [];
  expect(tools.length).toBeGreaterThan(3);

  await expectRefusals(ask);
  await fc.assert(
    fc.asyncProperty(noise, async (lines) => {
      for (const line of lines) server.stdin.write(`${line}\n`, 'latin1');
      expect((await ask({ method: 'ping' })).result).toEqual({});
    }),
    { numRuns: BATCHES },
  );
  server.stdin.end();
  expect(await ended).toMatchObject({ code: 0, stderr: '' });
});

test('over HTTP, in a session and without one', async () => {
  const server = await serve(setting, '--rate-limit', '100000');
  const opened = await post(server.url, INITIALIZE);
  const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' };
  await opened.text();
  const ask = async (message: { method: string; params?: unknown }, id: number): Promise<Answer> => {
    if (id % 2 === 0) return read(await post(server.url, { jsonrpc: '2.0', id, ...message }, session));
    const { url } = server;
    const _meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
    };
    const { params } = message;
    const enveloped =
      typeof params === 'object' && params !== null && !Array.isArray(params) ? { ...params, _meta } : params;
    const name = (params as { name?: unknown } | null)?.name;
    const headers = {
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': encodeURIComponent(message.method),
      ...(typeof name === 'string' && { 'mcp-name': encodeURIComponent(name) }),
    };
    return read(await post(url, { jsonrpc: '2.0', id, method: message.method, params: enveloped }, headers));
  };

  await expectRefusals(ask);
  await fc.assert(
    fc.asyncProperty(noise, async (bodies) => {
      const answers = await Promise.all(bodies.map((body, n) => post(server.url, body, n % 2 === 0 ? session : {})));
      for (const answer of answers) {
        expect(answer.status).toBeLessThan(500);
        await answer.text();
      }
      expect((await post(server.url, { jsonrpc: '2.0', id: 1, method: 'ping' }, session)).status).toBe(200);
    }),
    { numRuns: BATCHES },
  );
  expect(await server.stop()).toMatchObject({ code: 143 });
});

/** The answer in a body of JSON or of events. */
async function read(response: Response): Promise<Answer> {
  const body = await response.text();
  const events = body.split('\n').filter((line) => line.startsWith('data: '));
  expect(response.status).toBeLessThan(500);
  return JSON.parse(events.at(-1)?.slice('data: '.length) ?? body) as Answer;
}
