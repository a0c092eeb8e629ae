// Whether a server's projects have a database each or share one. What the database of DATABASE_URL holds already decides;
// an empty one becomes a registry where the role may create databases.
import { type Kysely, sql } from 'kysely';
import type { Isolation } from '../config.js';
import { CodebaseError } from '../errors.js';
import { currentRevision } from '../migrations/runner.js';
import { registryExists } from './registry.js';
import type { Tables } from './tables.js';

/** `place`: which database, for messages. Throws when what is asked for would hide what is there. */
export async function decideIsolation(
  db: Kysely<Tables>,
  place: string,
  asked: Isolation | undefined,
): Promise<Isolation> {
  const [registry, schema] = [await registryExists(db), (await currentRevision(db)) !== null];
  if (asked === undefined) {
    if (registry) return 'database';
    return schema || !(await mayCreateDatabases(db)).may ? 'shared' : 'database';
  }
  if (asked === 'shared' && registry)
    await refuseIfAny(db, 'codebase_projects', (count) => hiddenByShared(place, count));
  if (asked === 'database' && schema) await refuseIfAny(db, 'repositories', (count) => hiddenByDatabases(place, count));
  if (asked === 'database' && !registry) await requireCreateDatabase(db, place);
  return asked;
}

/** Throws the statement to ask for when the role may not create databases. */
export async function requireCreateDatabase(db: Kysely<Tables>, place: string): Promise<void> {
  const { may, role } = await mayCreateDatabases(db);
  if (may) return;
  throw new CodebaseError(
    'permission_denied',
    `The role in DATABASE_URL may not create the database of a project at ${place}; have a superuser run: ALTER ROLE ${role} CREATEDB; or set CODEBASE_MCP_ISOLATION=shared to keep all projects in one database.`,
  );
}

async function mayCreateDatabases(db: Kysely<Tables>): Promise<{ may: boolean; role: string }> {
  const { rows } = await sql<{ may: boolean; role: string }>`
    SELECT rolcreatedb OR rolsuper AS may, quote_ident(rolname) AS role FROM pg_roles WHERE rolname = current_user`.execute(
    db,
  );
  return rows[0] ?? { may: false, role: 'the role' };
}

async function refuseIfAny(db: Kysely<Tables>, table: string, say: (count: number) => string): Promise<void> {
  const { rows } = await sql<{ count: number }>`SELECT count(*)::int AS count FROM ${sql.table(table)}`.execute(db);
  const count = rows[0]?.count ?? 0;
  if (count > 0) throw new CodebaseError('database_unsuitable', say(count));
}

function hiddenByShared(place: string, count: number): string {
  return `${count} projects of ${place} have databases of their own, which the shared mode does not see; unset CODEBASE_MCP_ISOLATION to use them, or name another database in DATABASE_URL.`;
}

function hiddenByDatabases(place: string, count: number): string {
  return `${place} holds ${count} repositories of the shared mode, which a database per project would not see; unset CODEBASE_MCP_ISOLATION to go on with them, or name an empty database in DATABASE_URL and index again.`;
}
