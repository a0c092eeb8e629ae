// How many connections this process may open on a server, checked before any is needed.
import { type Kysely, sql } from 'kysely';
import type { Isolation, ServerConfig } from '../config.js';
import { CodebaseError } from '../errors.js';
import type { Tables } from './tables.js';

/** Connections to the registry, beside those of the projects. */
export const REGISTRY_CONNECTIONS = 3;
/** Those, and one to a database that is being changed as a whole. */
const BESIDE_POOLS = REGISTRY_CONNECTIONS + 1;
const CONNECTIONS_PER_POOL = 20;
/** One indexes and one searches. */
const LEAST_PER_POOL = 2;

/**
 * Connections that each pool may open: what was asked for, or 20, or fewer where the server allows fewer. Throws when what
 * was asked for cannot be kept.
 */
export async function connectionsPerPool(
  db: Kysely<Tables>,
  place: string,
  isolation: Isolation,
  { maxProjects, maxConnectionsPerPool: asked }: ServerConfig,
): Promise<number> {
  const { rows } = await sql<{ most: number; usable: number }>`
    SELECT current_setting('max_connections')::int AS most,
      current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        - coalesce(current_setting('reserved_connections', true), '0')::int AS usable`.execute(db);
  const { most = 0, usable = 0 } = rows[0] ?? {};
  const pools = isolation === 'shared' ? 1 : maxProjects;
  const fitting = Math.floor((usable - BESIDE_POOLS) / pools);
  if (fitting >= (asked ?? LEAST_PER_POOL)) return asked ?? Math.min(CONNECTIONS_PER_POOL, fitting);
  const each = asked ?? LEAST_PER_POOL;
  const wanted = `${pools} × ${each} connections and ${BESIDE_POOLS} for the registry are ${pools * each + BESIDE_POOLS}`;
  throw new CodebaseError(
    'database_unsuitable',
    `The server at ${place} has max_connections ${most}, of which ${usable} can be used, and ${wanted}; lower CODEBASE_MCP_MAX_PROJECTS or CODEBASE_MCP_MAX_CONNECTIONS_PER_POOL, or raise max_connections there.`,
  );
}
