// The second wall between projects that share a database: row-level security, which holds for a role that owns nothing. The
// sessions of projects take that role. Roles belong to the server and not to the schema, so it is made when a database is opened.
import { type Kysely, sql } from 'kysely';
import { CodebaseError } from '../errors.js';
import { projectTables } from './project-rows.js';
import { SQLSTATE } from './sqlstates.js';
import type { Tables } from './tables.js';

/** What the sessions of projects are. */
export interface WalledRole {
  readonly role: string;
  /** The schemas of the role that connected: one of its own name would be lost with the name. */
  readonly searchPath: string;
}

/** The wall, or the statements that somebody has to run who may. */
export type Wall = WalledRole | { readonly role: null; readonly statements: string };

/** Raises the wall where it does not stand yet; throws when the role that connected is itself shut out. */
export async function raiseWall(db: Kysely<Tables>, kind: 'embedded' | 'server'): Promise<Wall> {
  const found = await look(db);
  if (found.shutOut) throw shutOut(found);
  if (stands(found)) return found;
  await build(db, found, kind);
  const built = await look(db);
  return stands(built) ? built : { role: null, statements: statementsFor(built, await grants(db, kind)) };
}

interface Look extends WalledRole {
  /** Its name holds that of the role that connected: the role of one must not open the tables of another. */
  readonly role: string;
  readonly there: boolean;
  /** The role that connected may take it. */
  readonly mayBeTaken: boolean;
  /** The policies do not apply to it. */
  readonly exempt: boolean;
  readonly granted: boolean;
  /** The policies apply to the role that connected. */
  readonly shutOut: boolean;
  readonly login: string;
  readonly owner: string;
}

function stands({ mayBeTaken, exempt, granted }: Look): boolean {
  return mayBeTaken && !exempt && granted;
}

async function look(db: Kysely<Tables>): Promise<Look> {
  const { rows } = await sql<Look>`
    SELECT n.role::text, (SELECT string_agg(quote_ident(s), ', ') FROM unnest(current_schemas(false)) AS s) AS "searchPath",
      quote_ident(current_user) AS login, quote_ident(pg_get_userbyid(t.relowner)) AS owner,
      row_security_active(t.oid) AS "shutOut", r.oid IS NOT NULL AS there,
      coalesce(pg_has_role(current_user, r.oid,
        CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END), false) AS "mayBeTaken",
      coalesce(r.rolsuper OR r.rolbypassrls OR pg_has_role(r.oid, t.relowner, 'USAGE'), false) AS exempt,
      coalesce(has_schema_privilege(r.oid, t.relnamespace, 'USAGE') AND has_schema_privilege(r.oid, v.typnamespace, 'USAGE')
        AND has_table_privilege(r.oid, 'embedding_models'::regclass, 'INSERT')
        AND has_function_privilege(r.oid, 'code_files_with_terms(text, uuid[], text[])', 'EXECUTE')
        AND NOT EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = t.relnamespace AND c.relrowsecurity
          AND NOT has_table_privilege(r.oid, c.oid, 'DELETE')), false) AS granted
    FROM (SELECT ('codebase_mcp_' || current_user)::name AS role) AS n
    JOIN pg_class t ON t.oid = 'repositories'::regclass JOIN pg_type v ON v.oid = 'vector'::regtype
    LEFT JOIN pg_roles r ON r.rolname = n.role`.execute(db);
  if (!rows[0]) throw new Error('repositories is missing');
  return rows[0];
}

/** As far as the role that connected may. */
async function build(db: Kysely<Tables>, { role, there }: Look, kind: 'embedded' | 'server'): Promise<void> {
  const name = sql.id(role);
  try {
    if (!there) await sql`CREATE ROLE ${name} NOLOGIN`.execute(db).catch(unlessDone);
    if (!(await look(db)).mayBeTaken) await sql`GRANT ${name} TO CURRENT_USER`.execute(db).catch(unlessDone);
    await db.transaction().execute(async (tx) => {
      await sql`SELECT pg_advisory_xact_lock(hashtextextended('codebase-mcp wall', 0))`.execute(tx);
      for (const grant of await grants(tx, kind)) await sql`GRANT ${sql.raw(grant)} TO ${name}`.execute(tx);
    });
  } catch (error) {
    if (!FORBIDDEN.includes((error as { code?: string }).code ?? '')) throw error;
  }
}

/** A standby has what its primary has. */
const FORBIDDEN: readonly string[] = [SQLSTATE.insufficientPrivilege, SQLSTATE.readOnlyTransaction];

/** What the work of a project asks for, and no more: it makes no tables and reads no registry. */
async function grants(db: Kysely<Tables>, kind: 'embedded' | 'server'): Promise<readonly string[]> {
  const { rows } = await sql<{ schemas: string }>`
    SELECT string_agg(DISTINCT n.oid::regnamespace::text, ', ') AS schemas FROM pg_namespace n
    WHERE n.nspname = current_schema() OR n.oid = (SELECT typnamespace FROM pg_type WHERE oid = 'vector'::regtype)`.execute(
    db,
  );
  return [
    `USAGE ON SCHEMA ${rows[0]?.schemas}`,
    `SELECT, INSERT, UPDATE, DELETE ON ${(await projectTables(db)).join(', ')}`,
    'EXECUTE ON FUNCTION code_files_with_terms',
    // Storing files there leaves out checks that hold anyway (indexing/store.ts); the policies hold all the same.
    ...(kind === 'embedded' ? ['SET ON PARAMETER session_replication_role'] : []),
    'SELECT, INSERT ON embedding_models',
  ];
}

/** Another program, perhaps at another database of the server, was making the role at the same moment. */
function unlessDone(error: { code?: string }): void {
  if (!DONE.includes(error.code ?? '')) throw error;
}

const DONE = ['42710', '23505', 'XX000'];

function statementsFor({ role, login, owner, there, mayBeTaken, exempt }: Look, granted: readonly string[]): string {
  const name = `"${role.replaceAll('"', '""')}"`;
  if (exempt) return `ALTER ROLE ${name} NOSUPERUSER NOBYPASSRLS; REVOKE ${owner} FROM ${name};`;
  if (mayBeTaken) return granted.map((grant) => `GRANT ${grant} TO ${name};`).join(' ');
  return `${there ? '' : `CREATE ROLE ${name} NOLOGIN; `}GRANT ${name} TO ${login};`;
}

function shutOut({ login, owner }: Look): CodebaseError {
  return new CodebaseError(
    'permission_denied',
    `The role ${login} in DATABASE_URL does not own the tables, and row-level security hides their rows from it; connect as ${owner}, or have ${owner} run: GRANT ${owner} TO ${login};`,
  );
}
