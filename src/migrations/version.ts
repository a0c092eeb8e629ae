// The revision a database is at, kept in `alembic_version` as Alembic keeps it, so that its databases are recognised.
import { type Kysely, sql } from 'kysely';
import { CodebaseError } from '../errors.js';
import { position } from './chain.js';
import { CHAIN } from './revisions.js';
import { literal, literals, STOP } from './stops.js';

export const VERSION_TABLE =
  'CREATE TABLE IF NOT EXISTS alembic_version (version_num varchar(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))';

/** The revision of the database, null for one without. Refuses a revision that this program does not know. */
export async function currentRevision<DB>(db: Kysely<DB>): Promise<string | null> {
  const table = await sql<{ exists: boolean }>`SELECT to_regclass('alembic_version') IS NOT NULL AS exists`.execute(db);
  if (!table.rows[0]?.exists) return null;
  const { rows } = await sql<{ version_num: string }>`SELECT version_num FROM alembic_version ORDER BY 1`.execute(db);
  if (rows.length > 1) {
    const found = rows.map((row) => row.version_num).join(', ');
    throw new CodebaseError(
      'schema_mismatch',
      `Table alembic_version names ${rows.length} revisions (${found}), and one is allowed; delete the rows that do not apply.`,
    );
  }
  return rows[0] ? known(rows[0].version_num) : null;
}

function known(recorded: string): string {
  const revision = CHAIN.find((r) => r.alembic === recorded)?.revision ?? recorded;
  if (position(CHAIN, revision) >= 0) return revision;
  const names = CHAIN.map((r) => r.revision).join(', ');
  throw new CodebaseError(
    'database_newer',
    `The database is at revision ${recorded}, and this program knows ${names}; use the program that made it, a newer codebase-mcp perhaps.`,
  );
}

/** Statements that record the revision; null for a database without one. */
export function recordRevision(revision: string | null): readonly string[] {
  const clear = 'DELETE FROM alembic_version';
  return revision === null
    ? [clear]
    : [clear, `INSERT INTO alembic_version (version_num) VALUES (${literal(revision)})`];
}

/** Stops when the database is not at `revision` any more: a printed script may be run later and elsewhere. */
export function stopUnlessAt(revision: string | null): string {
  const names = CHAIN.filter((r) => r.revision === revision).flatMap((r) => [r.revision, r.alembic ?? r.revision]);
  const expected = names.length === 0 ? "''" : literals(names);
  return `DO $check$
DECLARE found text := '';
BEGIN
  IF to_regclass('alembic_version') IS NOT NULL THEN
    SELECT coalesce(string_agg(version_num, ', '), '') INTO found FROM alembic_version;
  END IF;
  IF found NOT IN (${expected}) THEN
    RAISE EXCEPTION USING ERRCODE = '${STOP.database}', MESSAGE = ${literal(`the database is not at revision ${revision ?? 'none'}`)},
      DETAIL = format('it is at %s', coalesce(nullif(found, ''), 'none')), HINT = 'print the script for the revision the database is at';
  END IF;
END $check$`;
}
