// Many clients at once; `npm run bench -- http` is the full measure: 200 clients and 20,000 searches, with times.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Setting } from '../../cli/command.js';
import { freshShop } from '../../cli/shop.js';
import { call } from '../client.js';
import { type HttpServer, serve } from './server.js';

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

const CLIENTS = 200;
const ROUNDS = 6;

async function residentBytes(): Promise<number> {
  const text = await (await fetch(new URL('/metrics', server.url))).text();
  return Number(/^process_resident_memory_bytes (\S+)/m.exec(text)?.[1]);
}

test('two hundred clients of both eras find what they look for, and the server does not grow', async () => {
  const clients = await Promise.all(
    Array.from({ length: CLIENTS }, (_, n) => server.connect(n % 2 === 0 ? 'legacy' : 'modern')),
  );
  const memory: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const answers = await Promise.all(
      clients.map((client) => call(client, 'search_code', { query: 'sum of the cart', limit: 1 })),
    );
    for (const { isError, structured } of answers) {
      expect(isError).toBe(false);
      expect(structured).toMatchObject({ results: [{ path: 'src/cart.ts' }] });
    }
    memory.push(await residentBytes());
  }
  const [, warm = 0, ...later] = memory;
  expect(Math.max(...later) - warm).toBeLessThan(64e6);
  await Promise.all(clients.map((client) => client.close()));
});
