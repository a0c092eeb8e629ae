// What the two engines have in common: a pool of connections, its end, and words for messages.
import { PostgresDialect } from 'kysely';
import { type Client, Pool, type PoolClient, type PoolConfig } from 'pg';
import { CodebaseError } from '../errors.js';

export interface Engine extends Connections {
  readonly kind: 'embedded' | 'server';
  /** Which database, for messages, without a password. */
  readonly place: string;
  /** `version` is PostgreSQL's. */
  describe(version: string): string;
}

export interface Connections {
  readonly pool: Pool;
  /** Kysely's way to the pool: queries that wait for a connection are rejected when it is closed, where pg forgets them. */
  readonly dialect: PostgresDialect;
  /** Queries under way may finish, for less than a second; safe to call again. */
  close(): Promise<void>;
}

/** What is left of a second after queries under way had their chance. */
const CLOSE_MS = 800;

/**
 * A pool whose broken connections reach only the queries that were using them; pg would end the process. After the pool,
 * `stop` ends what is behind it, within the milliseconds it is given.
 */
export function openConnections(config: PoolConfig, stop: (timeoutMs: number) => Promise<void>): Connections {
  const pool = new Pool(config);
  const clients = new Set<PoolClient>();
  pool.on('error', () => {});
  pool.on('connect', (client) => clients.add(client.on('error', () => {})));
  pool.on('remove', (client) => clients.delete(client));
  const waiting = new Set<(error: Error) => void>();
  let closing: Promise<void> | undefined;

  async function close(): Promise<void> {
    const deadline = Date.now() + CLOSE_MS;
    for (const reject of waiting) reject(closed());
    await Promise.race([pool.end(), sleep(CLOSE_MS)]);
    await stop(Math.max(0, deadline - Date.now()));
    for (const client of clients) cut(client);
  }
  function connect(): Promise<PoolClient> {
    return new Promise((resolve, reject) => {
      if (closing) return reject(closed());
      waiting.add(reject);
      return pool
        .connect()
        .then(resolve, reject)
        .finally(() => waiting.delete(reject));
    });
  }

  function end(): Promise<void> {
    closing ??= close();
    return closing;
  }

  return { pool, dialect: new PostgresDialect({ pool: { connect, end } }), close: end };
}

function closed(): CodebaseError {
  return new CodebaseError('cancelled', 'The database was closed before this query was done.');
}

/** pg closes the connection of a client that is ended in the middle of a query; the types hide it from pooled clients. */
function cut(client: PoolClient): void {
  void (client as unknown as Client).end().catch(() => {});
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
