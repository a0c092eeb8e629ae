// The server engine: a PostgreSQL with pgvector that DATABASE_URL names, checked before it is used.
import type { PoolClient } from 'pg';
import { CodebaseError } from '../errors.js';
import { type Engine, openConnections } from './engine.js';
import { describeDatabaseError, SQLSTATE } from './sqlstates.js';

const OLDEST_POSTGRES = 140_000;
const OLDEST_PGVECTOR = [0, 7] as const;
const CONNECT_MS = 10_000;

/** Connects and checks the versions; every refusal names host, port and database, never the password. */
export async function openServer(url: string, max: number, needs: 'pgvector' | 'nothing more'): Promise<Engine> {
  const place = placeOf(url);
  const connections = openConnections(
    {
      place,
      connectionString: withPlainMode(url),
      application_name: 'codebase-mcp',
      max,
      connectionTimeoutMillis: CONNECT_MS,
      keepAlive: true,
    },
    async () => {},
  );
  try {
    const client = await connections.pool.connect();
    try {
      await checkVersions(client, place, needs === 'pgvector');
    } finally {
      client.release();
    }
  } catch (error) {
    await connections.close();
    throw unreadable(error, place) ?? describeDatabaseError(error, place) ?? error;
  }
  return { ...connections, kind: 'server', place, describe: (version) => `PostgreSQL ${version} at ${place}` };
}

/** pg takes these modes for verify-full, and warns at length in every process that it will not for ever. */
function withPlainMode(url: string): string {
  if (/[?&]uselibpqcompat=true/.test(url)) return url;
  return url.replace(/([?&]sslmode=)(prefer|require|verify-ca)(?=&|$)/, '$1verify-full');
}

/** pg reads certificates when it connects. */
function unreadable(error: unknown, place: string): CodebaseError | null {
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  if (syscall !== 'open' && code !== 'EISDIR') return null;
  return new CodebaseError(
    'invalid_input',
    `A certificate that DATABASE_URL names for ${place} cannot be read (${message}); correct sslrootcert, sslcert or sslkey in it.`,
    { cause: error },
  );
}

interface Versions {
  readonly number: number;
  readonly version: string;
  /** pgvector's, in this database and on this machine. */
  readonly installed: string | null;
  readonly available: string | null;
}

async function checkVersions(client: PoolClient, place: string, vectors: boolean): Promise<void> {
  const { rows } = await client.query<Versions>(
    `SELECT current_setting('server_version_num')::int AS number,
      split_part(current_setting('server_version'), ' ', 1) AS version,
      (SELECT extversion FROM pg_extension WHERE extname = 'vector') AS installed,
      (SELECT default_version FROM pg_available_extensions WHERE name = 'vector') AS available`,
  );
  const [found] = rows;
  if (!found) throw new Error('no versions');
  const refusal = unsuitable(found, place);
  if (refusal !== null) throw new CodebaseError('database_unsuitable', refusal);
  if (vectors && found.installed === null) await checkMayInstall(client, place);
}

function unsuitable({ number, version, installed, available }: Versions, place: string): string | null {
  if (number < OLDEST_POSTGRES) {
    return `PostgreSQL at ${place} is ${version}, and 14 or newer is needed; upgrade it, or unset DATABASE_URL to use the embedded database.`;
  }
  if (installed !== null) {
    if (!tooOld(installed)) return null;
    return `pgvector at ${place} is ${installed}, and 0.7 or newer is needed; run in that database: ALTER EXTENSION vector UPDATE;`;
  }
  if (available !== null && !tooOld(available)) return null;
  const lacks = available === null ? 'no pgvector' : `pgvector ${available}, and 0.7 or newer is needed`;
  const apt = `sudo apt install postgresql-${Math.floor(number / 10_000)}-pgvector`;
  return `PostgreSQL ${version} at ${place} has ${lacks}; install it on that machine (on Debian and Ubuntu: ${apt}), or unset DATABASE_URL to use the embedded database.`;
}

function tooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < OLDEST_PGVECTOR[0] || (major === OLDEST_PGVECTOR[0] && minor < OLDEST_PGVECTOR[1]);
}

/** Managed servers have rules of their own about who may install what: the only certain answer is to try, and take it back. */
async function checkMayInstall(client: PoolClient, place: string): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query('CREATE EXTENSION vector');
  } catch (error) {
    if ((error as { code?: string }).code !== SQLSTATE.insufficientPrivilege) return;
    throw new CodebaseError(
      'permission_denied',
      `The role in DATABASE_URL may not install pgvector at ${place}; have a superuser run in that database: CREATE EXTENSION vector;`,
      { cause: error },
    );
  } finally {
    await client.query('ROLLBACK');
  }
}

/** "host:port/database" of a connection URL. */
function placeOf(url: string): string {
  // A password with a slash or a number sign that is not encoded ends the host before the @.
  if (!URL.canParse(url) || /^[^?]*[/#][^?]*@/.test(url.replace(/^\w+:\/\//, ''))) {
    // The value is not repeated: it may hold a password.
    throw new CodebaseError(
      'invalid_input',
      'DATABASE_URL is not a URL; it must look like postgres://user:password@host:5432/name, with special characters in the password written as %40 and the like.',
    );
  }
  const { hostname, port, pathname, searchParams } = new URL(url);
  const host = searchParams.get('host') ?? (hostname || 'localhost');
  return `${host}:${searchParams.get('port') ?? (port || '5432')}${pathname}`;
}
