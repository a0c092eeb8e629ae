// Row-level security: whoever is not the owner of the tables sees the rows of the project that the session names, and no others.
import type { Revision } from '../revision.js';

const PROJECT_TABLES = [
  'repositories',
  'code_files',
  'code_chunks',
  'chunk_embeddings',
  'file_embeddings',
  'skipped_files',
  'index_jobs',
] as const;

/** Without a session's project this is null, and so is the comparison: no row is seen, none can be written. */
const SESSION_PROJECT = "current_setting('codebase.project_id', true)";

/**
 * The full-text question of a search: for each of the lexemes that some file has, its place in the list from 1, the number of
 * files and their ids. Row-level security keeps `@@` from the GIN index, because the operator might tell of rows that must not
 * be seen; so the owner asks, in a function that looks at the project itself. Its search path is the schema of the tables and,
 * last, the caller's temporary ones. `offset 0` and the setting keep the planner from reading the terms of every file.
 */
const FILES_WITH_TERMS = `DO $step$ BEGIN
  EXECUTE format($function$
CREATE OR REPLACE FUNCTION code_files_with_terms(project text, repositories uuid[], lexemes text[])
RETURNS TABLE (term integer, files integer, ids text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = %I, pg_temp SET enable_seqscan = off AS $body$
BEGIN
  RETURN QUERY
    SELECT wanted.place::int, count(*)::int, string_agg(found.id::text, ' ')
    FROM unnest(lexemes) WITH ORDINALITY AS wanted (lexeme, place)
    CROSS JOIN LATERAL (
      SELECT f.id, f.project_id, f.repository_id FROM code_files f WHERE f.terms @@ wanted.lexeme::tsquery OFFSET 0
    ) AS found
    WHERE found.project_id = project AND found.repository_id = ANY (repositories)
      AND project = current_setting('codebase.project_id', true)
    GROUP BY wanted.place;
END $body$
$function$, current_schema());
END $step$`;

/** A superuser may run the upgrade for the tables of somebody else. */
const OF_THE_TABLES_OWNER = `DO $step$ BEGIN
  EXECUTE format('ALTER FUNCTION code_files_with_terms OWNER TO %I',
    (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'code_files'::regclass));
END $step$`;

export const ROW_LEVEL_SECURITY: Revision = {
  revision: '008_row_level_security',
  revises: '006_search',
  description: 'rows of other projects are hidden from all but the owner',
  upgrade: [
    {
      title: 'policies',
      sql: PROJECT_TABLES.flatMap((table) => [
        `CREATE POLICY project ON ${table} USING (project_id = ${SESSION_PROJECT})`,
        `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`,
      ]),
    },
    {
      title: 'full-text question',
      sql: [FILES_WITH_TERMS, 'REVOKE ALL ON FUNCTION code_files_with_terms FROM PUBLIC', OF_THE_TABLES_OWNER],
    },
  ],
  downgrade: [
    { title: 'full-text question', sql: ['DROP FUNCTION IF EXISTS code_files_with_terms'] },
    {
      title: 'policies',
      sql: PROJECT_TABLES.flatMap((table) => [
        `ALTER TABLE ${table} DISABLE ROW LEVEL SECURITY`,
        `DROP POLICY IF EXISTS project ON ${table}`,
      ]),
    },
  ],
};
