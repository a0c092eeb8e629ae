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
/** The heap is collected every ten rounds or so. */
const WARM_ROUNDS = 4;
const WINDOW_ROUNDS = 16;
/** Ten thousand bytes for each search of a window. */
const MOST_GROWTH = 32e6;

/** Bytes of the heap, garbage included: resident memory grows with that until the engine thinks it worth collecting. */
async function heapBytes(): Promise<number> {
  const text = await (await fetch(new URL('/metrics', server.url))).text();
  return Number(/^nodejs_heap_size_used_bytes (\S+)/m.exec(text)?.[1]);
}

test('two hundred clients of both eras find what they look for, and the server does not grow', async () => {
  const clients = await Promise.all(
    Array.from({ length: CLIENTS }, (_, n) => server.connect(n % 2 === 0 ? 'legacy' : 'modern')),
  );
  const heap: number[] = [];
  for (let round = 0; round < WARM_ROUNDS + 2 * WINDOW_ROUNDS; round++) {
    const answers = await Promise.all(
      clients.map((client) => call(client, 'search_code', { query: 'sum of the cart', limit: 1 })),
    );
    for (const { isError, structured } of answers) {
      expect(isError).toBe(false);
      expect(structured).toMatchObject({ results: [{ path: 'src/cart.ts' }] });
    }
    heap.push(await heapBytes());
  }
  const kept = (from: number) => Math.min(...heap.slice(from, from + WINDOW_ROUNDS));
  expect(kept(WARM_ROUNDS + WINDOW_ROUNDS) - kept(WARM_ROUNDS)).toBeLessThan(MOST_GROWTH);
  await Promise.all(clients.map((client) => client.close()));
});
