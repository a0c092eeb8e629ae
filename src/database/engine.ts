// What the two engines have in common: a pool of connections, its end, and words for messages.
import { type Client, Pool, type PoolClient, type PoolConfig } from 'pg';

export interface Engine {
  readonly kind: 'embedded' | 'server';
  readonly pool: Pool;
  /** Which database, for messages, without a password. */
  readonly place: string;
  /** `version` is PostgreSQL's. */
  describe(version: string): string;
  /** Queries under way may finish, for less than a second; safe to call again. */
  close(): Promise<void>;
}

/** What is left of a second after queries under way had their chance. */
const CLOSE_MS = 800;

/** A pool whose broken connections reach only the queries that were using them; pg would end the process. */
export function openPool(config: PoolConfig): Pool {
  const pool = new Pool(config);
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/**
 * Ends the pool when its queries are done, or after CLOSE_MS by cutting their connections. `stop` then ends what is behind
 * the pool, within the milliseconds it is given. What is returned may be called again.
 */
export function closer(pool: Pool, stop: (timeoutMs: number) => Promise<void>): () => Promise<void> {
  const clients = new Set<PoolClient>();
  pool.on('connect', (client) => clients.add(client));
  pool.on('remove', (client) => clients.delete(client));
  let closing: Promise<void> | undefined;
  const close = async () => {
    const deadline = Date.now() + CLOSE_MS;
    const ended = pool.end();
    await Promise.race([ended, sleep(CLOSE_MS)]);
    await stop(Math.max(0, deadline - Date.now()));
    for (const client of clients) cut(client);
  };
  return () => {
    closing ??= close();
    return closing;
  };
}

/** pg closes the connection of a client that is ended in the middle of a query; the types hide it from pooled clients. */
function cut(client: PoolClient): void {
  void (client as unknown as Client).end().catch(() => {});
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
