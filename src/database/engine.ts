// What the two engines have in common: a pool of connections, its end, and words for messages.
import { PostgresDialect } from 'kysely';
import { type Client, Pool, type PoolClient, type PoolConfig } from 'pg';
import { CodebaseError } from '../errors.js';
import { ALL_PROJECTS, type Speaker, speakFor } from './sessions.js';
import type { SetAside } from './set-aside.js';
import { isNoSuchDatabase, SQLSTATE } from './sqlstates.js';

export interface Engine extends Connections {
  readonly kind: 'embedded' | 'server';
  /** Which database, for messages, without a password. */
  readonly place: string;
  /** `version` is PostgreSQL's. */
  describe(version: string): string;
  /** The damaged database that this one takes the place of. */
  readonly setAside?: SetAside | null;
  /** Says that the data is damaged, where it can be set aside and made again when it is opened next. */
  readonly condemn?: (reason: string) => void;
}

export interface Connections {
  readonly pool: Pool;
  /** Kysely's way to the pool: queries that wait for a connection are rejected when it is closed, where pg forgets them. */
  readonly dialect: PostgresDialect;
  /** The same on behalf of somebody. */
  dialectFor(speaker: Speaker): PostgresDialect;
  /** Queries under way may finish, for less than a second; safe to call again. */
  close(): Promise<void>;
  /** A connection broke since it was opened: what is on the other side may be another than before. */
  lost(): boolean;
  /** Connections that are not given back yet. */
  inUse(): number;
}

export interface ConnectionOptions extends PoolConfig {
  readonly max: number;
  /** Which database, for messages. */
  readonly place: string;
}

/** What is left of a second after queries under way had their chance. */
const CLOSE_MS = 800;

/**
 * A pool whose broken connections reach only the queries that were using them; pg would end the process. A server that is
 * away for a moment is asked again, and one whose connections are all busy is waited for; both have an end, in words. After
 * the pool, `stop` ends what is behind it, within the milliseconds it is given.
 */
export function openConnections(
  { place, ...config }: ConnectionOptions,
  stop: (timeoutMs: number) => Promise<void>,
): Connections {
  const pool = new Pool(config);
  const clients = new Set<PoolClient>();
  let losses = 0;
  pool.on('error', () => {});
  pool.on('connect', (client) =>
    clients.add(
      client.on('error', () => {
        losses += 1;
      }),
    ),
  );
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
  function connect(speaker: Speaker): Promise<PoolClient> {
    return new Promise((resolve, reject) => {
      if (closing) return reject(closed());
      waiting.add(reject);
      return reach()
        .then((client) => introduce(client, speaker))
        .then(resolve, reject)
        .finally(() => waiting.delete(reject));
    });
  }
  async function reach(): Promise<PoolClient> {
    for (let pause = FIRST_PAUSE_MS, left = RECONNECT_MS; ; pause *= 2) {
      try {
        return await pool.connect();
      } catch (error) {
        if (isNoSuchDatabase(error)) {
          losses += 1;
          throw gone(place, error);
        }
        if (isBusy(pool, config.max, error)) throw allBusy(place, config.max, pool.waitingCount);
        if (closing || left <= 0 || !isAway(error)) throw error;
        const wait = Math.min(left, pause * (0.5 + Math.random() / 2));
        left -= wait;
        await sleep(wait);
      }
    }
  }

  function end(): Promise<void> {
    closing ??= close();
    return closing;
  }

  const dialectFor = (speaker: Speaker) => new PostgresDialect({ pool: { connect: () => connect(speaker), end } });
  const inUse = (): number => pool.totalCount - pool.idleCount;
  return { pool, dialect: dialectFor(ALL_PROJECTS), dialectFor, close: end, lost: () => losses > 0, inUse };
}

async function introduce(client: PoolClient, speaker: Speaker): Promise<PoolClient> {
  try {
    await speakFor(client, speaker);
    return client;
  } catch (error) {
    client.release(true);
    throw error;
  }
}

/** A server that restarts is asked again for so long, with pauses that double. */
const RECONNECT_MS = 5000;
const FIRST_PAUSE_MS = 50;

/** The server is there, or was, and takes no connection at this moment. */
function isAway(error: unknown): boolean {
  const { code = '', message = '' } = error as NodeJS.ErrnoException;
  return (
    ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', SQLSTATE.cannotConnectNow, SQLSTATE.adminShutdown].includes(code) ||
    message.startsWith('Connection terminated unexpectedly')
  );
}

function isBusy(pool: Pool, max: number, error: unknown): boolean {
  return /^timeout exceeded/.test((error as Error).message) && pool.totalCount >= max && pool.idleCount === 0;
}

function allBusy(place: string, max: number, waiting: number): CodebaseError {
  return new CodebaseError(
    'timeout',
    `All ${max} connections to ${place} are busy, and ${waiting} more queries wait; ask again in a while, or raise CODEBASE_MCP_MAX_CONNECTIONS_PER_POOL.`,
  );
}

/** It was there when it was opened. */
function gone(place: string, cause: unknown): CodebaseError {
  return new CodebaseError(
    'database_unavailable',
    `The database at ${place} is there no more: its project was renamed, moved or removed, or somebody dropped it; codebase-mcp projects lists those there are.`,
    { cause },
  );
}

function closed(): CodebaseError {
  return new CodebaseError('cancelled', 'The database was closed before this query was done.');
}

/** pg closes the connection of a client that is ended in the middle of a query; the types hide it from pooled clients. */
function cut(client: PoolClient): void {
  void (client as unknown as Client).end().catch(() => {});
}

/** Keeps the process alive: nothing else may, while it is tried to reach a server that is away. */
function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
