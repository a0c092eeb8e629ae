// The revision a database is at, kept in `alembic_version` as Alembic keeps it, so that its databases are recognised.
import { type Kysely, sql } from 'kysely';
import { CodebaseError } from '../errors.js';
import { position } from './chain.js';
import { CHAIN, HEAD } from './revisions.js';

export const VERSION_TABLE =
  'CREATE TABLE IF NOT EXISTS alembic_version (version_num varchar(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))';

/** The revision of the database, null for one without. Refuses a revision that this program does not know. */
export async function currentRevision<DB>(db: Kysely<DB>): Promise<string | null> {
  const table = await sql<{ exists: boolean }>`SELECT to_regclass('alembic_version') IS NOT NULL AS exists`.execute(db);
  if (!table.rows[0]?.exists) return null;
  const { rows } = await sql<{ version_num: string }>`SELECT version_num FROM alembic_version`.execute(db);
  if (rows.length > 1) {
    const found = rows.map((row) => row.version_num).join(', ');
    throw new CodebaseError(
      'schema_mismatch',
      `alembic_version has ${rows.length} rows (${found}), not one; remove those that do not apply.`,
    );
  }
  return rows[0] ? known(rows[0].version_num) : null;
}

function known(recorded: string): string {
  const revision = CHAIN.find((r) => r.alembic === recorded)?.revision ?? recorded;
  if (position(CHAIN, revision) >= 0) return revision;
  throw new CodebaseError(
    'database_newer',
    `The database is at revision ${recorded}, which this program (up to ${HEAD}) does not know; use the newer version of codebase-mcp that upgraded it.`,
  );
}

/** Statements that record a move. */
export function recordMove(to: string | null): readonly string[] {
  const clear = 'DELETE FROM alembic_version';
  return to === null ? [clear] : [clear, `INSERT INTO alembic_version (version_num) VALUES ('${to}')`];
}
