// The server engine: a PostgreSQL with pgvector that DATABASE_URL names, checked before it is used.
import type { PoolClient } from 'pg';
import { CodebaseError } from '../errors.js';
import { closer, type Engine, openPool } from './engine.js';
import { describeDatabaseError } from './sqlstates.js';

const OLDEST_POSTGRES = 140_000;
const OLDEST_PGVECTOR = [0, 7] as const;
const CONNECTIONS = 10;
const CONNECT_MS = 10_000;

/** Connects and checks the versions; every refusal names host, port and database, never the password. */
export async function openServer(url: string): Promise<Engine> {
  const place = placeOf(url);
  const pool = openPool({
    connectionString: url,
    application_name: 'codebase-mcp',
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
  });
  const close = closer(pool, async () => {});
  try {
    const client = await pool.connect();
    try {
      await checkVersions(client, place);
    } finally {
      client.release();
    }
  } catch (error) {
    await close();
    throw describeDatabaseError(error, place) ?? error;
  }
  return { kind: 'server', pool, place, close, describe: (version) => `PostgreSQL ${version} at ${place}` };
}

async function checkVersions(client: PoolClient, place: string): Promise<void> {
  const { rows } = await client.query<{
    number: number;
    version: string;
    installed: string | null;
    available: string | null;
  }>(
    `SELECT current_setting('server_version_num')::int AS number, current_setting('server_version') AS version,
      (SELECT extversion FROM pg_extension WHERE extname = 'vector') AS installed,
      (SELECT default_version FROM pg_available_extensions WHERE name = 'vector') AS available`,
  );
  const [found] = rows;
  if (!found) throw new Error('no versions');
  if (found.number < OLDEST_POSTGRES) {
    throw unsuitable(
      `PostgreSQL at ${place} is ${found.version}, and 14 or newer is needed; upgrade it, or unset DATABASE_URL to use the embedded database.`,
    );
  }
  if (found.installed !== null && olderThan(found.installed)) {
    throw unsuitable(
      `pgvector at ${place} is ${found.installed}, and 0.7 or newer is needed; run in that database: ALTER EXTENSION vector UPDATE;`,
    );
  }
  if (found.installed === null && (found.available === null || olderThan(found.available))) {
    const major = Math.floor(found.number / 10_000);
    throw unsuitable(
      `PostgreSQL ${found.version} at ${place} has ${found.available === null ? 'no pgvector' : `pgvector ${found.available}, and 0.7 or newer is needed`}; install it on that machine (on Debian and Ubuntu: sudo apt install postgresql-${major}-pgvector), or unset DATABASE_URL to use the embedded database.`,
    );
  }
}

function olderThan(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < OLDEST_PGVECTOR[0] || (major === OLDEST_PGVECTOR[0] && minor < OLDEST_PGVECTOR[1]);
}

function unsuitable(message: string): CodebaseError {
  return new CodebaseError('database_unsuitable', message);
}

/** "host:port/database" of a connection URL. */
function placeOf(url: string): string {
  const { hostname, port, pathname, searchParams } = new URL(url);
  return `${searchParams.get('host') ?? (hostname || 'localhost')}:${searchParams.get('port') ?? (port || '5432')}${decodeURIComponent(pathname)}`;
}
