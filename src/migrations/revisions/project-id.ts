// How project_id comes onto repositories and chunks in 002, and what its downgrade keeps of it.
import { STOP, stopIfAny } from '../stops.js';

/** The column and its constraint, also for the tables that later revisions make. */
export const PROJECT_ID_COLUMN = 'project_id varchar(50) NOT NULL';
export const VALID_PROJECT_ID = "CHECK (project_id ~ '^[a-z0-9-]{1,50}$')";

// A downgrade has no column for the project, so it goes into the metadata, beside the metadata as they were.
const KEPT = 'codebase_mcp_downgraded';

/** Remembers the project of every repository that is not in the default one. */
export const KEEP_PROJECTS = `UPDATE repositories
SET metadata = jsonb_build_object('${KEPT}', jsonb_build_object('project_id', project_id, 'metadata', metadata))
WHERE project_id <> 'default'`;

const PROJECTS_BACK = `UPDATE repositories
SET project_id = metadata #>> '{${KEPT},project_id}', metadata = metadata #> '{${KEPT},metadata}'
WHERE metadata #>> '{${KEPT},project_id}' IS NOT NULL`;

export const PROJECT_OF_REPOSITORIES = [
  `DO $step$
BEGIN
  IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'repositories'::regclass AND attname = 'project_id' AND NOT attisdropped) THEN
    RAISE NOTICE 'repositories.project_id is there already: its values are kept, NULL becomes default';
    UPDATE repositories SET project_id = 'default' WHERE project_id IS NULL;
    ALTER TABLE repositories ALTER COLUMN project_id TYPE varchar(50), ALTER COLUMN project_id SET DEFAULT 'default',
      ALTER COLUMN project_id SET NOT NULL;
  ELSE
    ALTER TABLE repositories ADD COLUMN project_id varchar(50) NOT NULL DEFAULT 'default';
  END IF;
END $step$`,
  PROJECTS_BACK,
];

const NO_ORPHANS = stopIfAny(
  `    SELECT format('%s chunks, the first are %s', count(*), array_to_string((array_agg(c.id::text ORDER BY c.id))[1:5], ', ')) AS finding
    FROM code_chunks c WHERE NOT EXISTS (SELECT FROM repositories r WHERE r.id = c.repository_id) HAVING count(*) > 0`,
  {
    state: STOP.data,
    message: 'code_chunks holds chunks without a repository',
    hint: 'DELETE FROM code_chunks c WHERE NOT EXISTS (SELECT FROM repositories r WHERE r.id = c.repository_id), then upgrade again',
  },
);

const ONE_PROJECT = `
    EXECUTE format('ALTER TABLE code_chunks ADD COLUMN project_id varchar(50) NOT NULL DEFAULT %L', coalesce(projects[1], 'default'));
    ALTER TABLE code_chunks ALTER COLUMN project_id DROP DEFAULT;`;

// Correct for any data, and slow: the vector indexes are built again instead of taking every row once more.
const SEVERAL_PROJECTS = `
    RAISE NOTICE 'code_chunks.project_id cannot come as a default (column there already: %, projects: %): every row is written and the vector indexes are built again',
      present, cardinality(projects);
    SELECT coalesce(array_agg(i.indexrelid::regclass::text), '{}'), coalesce(array_agg(pg_get_indexdef(i.indexrelid)), '{}')
    INTO names, definitions FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
    WHERE i.indrelid = 'code_chunks'::regclass AND a.amname IN ('hnsw', 'ivfflat');
    FOREACH name IN ARRAY names LOOP EXECUTE format('DROP INDEX %s', name); END LOOP;
    ALTER TABLE code_chunks ADD COLUMN IF NOT EXISTS project_id varchar(50);
    ALTER TABLE code_chunks ALTER COLUMN project_id TYPE varchar(50), ALTER COLUMN project_id DROP DEFAULT;
    UPDATE code_chunks c SET project_id = r.project_id FROM repositories r
    WHERE r.id = c.repository_id AND c.project_id IS DISTINCT FROM r.project_id;
    ALTER TABLE code_chunks ALTER COLUMN project_id SET NOT NULL;
    FOREACH definition IN ARRAY definitions LOOP EXECUTE definition; END LOOP;`;

export const PROJECT_OF_CHUNKS = [
  NO_ORPHANS,
  `DO $step$
DECLARE
  projects text[] := ARRAY(SELECT DISTINCT project_id FROM repositories);
  present boolean := EXISTS (
    SELECT FROM pg_attribute WHERE attrelid = 'code_chunks'::regclass AND attname = 'project_id' AND NOT attisdropped);
  names text[]; definitions text[]; name text; definition text;
BEGIN
  IF cardinality(projects) <= 1 AND NOT present THEN${ONE_PROJECT}
  ELSE${SEVERAL_PROJECTS}
  END IF;
END $step$`,
  "SELECT 'code_chunks' AS counted, count(*) AS rows FROM code_chunks",
];

export const CHECK_CONSTRAINTS = [
  stopIfAny(
    `    SELECT format('%L of %s repositories', project_id, count(*)) AS finding
    FROM repositories WHERE project_id !~ '^[a-z0-9-]{1,50}$' GROUP BY project_id`,
    {
      state: STOP.data,
      message: 'repositories.project_id holds what is not a project id',
      hint: 'use 1 to 50 lower-case letters, digits and hyphens, then upgrade again',
    },
  ),
  ...['repositories', 'code_chunks'].map(
    (table) => `ALTER TABLE ${table} DROP CONSTRAINT IF EXISTS check_${table}_project_id,
  ADD CONSTRAINT check_${table}_project_id ${VALID_PROJECT_ID}`,
  ),
];
