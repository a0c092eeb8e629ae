// Search only, several projects: nine tables go, repositories and chunks get a project. Every chunk's project is that of its
// repository; where all repositories share one, the column comes with it as a default, and no row is written: an UPDATE would
// put every chunk into the vector index again, minutes per 100,000 chunks.
import { stopAtDependents, stopAtForeignKeys } from '../dependents.js';
import type { Revision, Step } from '../revision.js';
import { literals, STOP, stopIfAny } from '../stops.js';
import { TASK_TABLES } from './001_initial_schema.js';
import { DROP_TRACKING_TABLES, TRACKING_TABLES } from './003_project_tracking.js';
import { CASE_INSENSITIVE_NAMES } from './005_case_insensitive_vendor.js';
import { CHECK_CONSTRAINTS, KEEP_PROJECTS, PROJECT_OF_CHUNKS, PROJECT_OF_REPOSITORIES } from './project-id.js';

/** The tables that search does not need, dependents first. */
export const NON_SEARCH_TABLES = [...DROP_TRACKING_TABLES, 'task_commits', 'task_branches', 'tasks'];

const KEPT_TABLES = ['repositories', 'code_chunks'];

const PREREQUISITES: Step = {
  title: 'prerequisites',
  sql: [
    stopIfAny(
      `    SELECT format('PostgreSQL is %s, and 14 or newer is needed', current_setting('server_version')) AS finding
    WHERE current_setting('server_version_num')::int < 140000
    UNION ALL SELECT 'the extension vector is missing' WHERE NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'vector')
    UNION ALL SELECT format('the revision is %s, not 005', version_num) FROM alembic_version
    WHERE version_num NOT IN ('005', '005_case_insensitive_vendor')
    UNION ALL SELECT format('table %s is missing', name) FROM unnest(ARRAY[${literals(KEPT_TABLES)}]) AS name
    WHERE to_regclass(name) IS NULL`,
      {
        state: STOP.database,
        message: 'this database cannot take the revision',
        hint: 'upgrade PostgreSQL, install pgvector or upgrade to 005 first',
      },
    ),
    // The tables to drop too: no row may come after the last look at them.
    `LOCK TABLE ${[...KEPT_TABLES, ...NON_SEARCH_TABLES].join(', ')} IN ACCESS EXCLUSIVE MODE`,
  ],
};

export const REMOVE_NON_SEARCH_TABLES: Revision = {
  revision: '002_remove_non_search_tables',
  revises: '005_case_insensitive_vendor',
  alembic: '002',
  description: 'project_id on repositories and chunks, nine tables fewer',
  upgrade: [
    PREREQUISITES,
    {
      title: 'foreign keys and dependents',
      sql: [stopAtForeignKeys(NON_SEARCH_TABLES, KEPT_TABLES), stopAtDependents(NON_SEARCH_TABLES)],
    },
    { title: 'repositories.project_id', sql: PROJECT_OF_REPOSITORIES },
    { title: 'code_chunks.project_id', sql: PROJECT_OF_CHUNKS },
    { title: 'check constraints', sql: CHECK_CONSTRAINTS },
    {
      title: 'index idx_project_repository',
      sql: [
        'CREATE INDEX IF NOT EXISTS idx_project_repository ON code_chunks (project_id, repository_id)',
        // A new column has no statistics: a search in one project would be planned as if the project were tiny.
        'ANALYZE repositories (project_id), code_chunks (project_id)',
      ],
    },
    {
      title: 'nine tables dropped',
      sql: [`DROP TABLE IF EXISTS ${NON_SEARCH_TABLES.join(', ')}`],
      drops: NON_SEARCH_TABLES,
    },
  ],
  downgrade: [
    { title: 'index idx_project_repository', sql: ['DROP INDEX IF EXISTS idx_project_repository'] },
    {
      title: 'check constraints',
      sql: [
        'ALTER TABLE code_chunks DROP CONSTRAINT IF EXISTS check_code_chunks_project_id',
        'ALTER TABLE repositories DROP CONSTRAINT IF EXISTS check_repositories_project_id',
      ],
    },
    {
      title: 'project columns',
      sql: [
        KEEP_PROJECTS,
        'ALTER TABLE code_chunks DROP COLUMN IF EXISTS project_id',
        'ALTER TABLE repositories DROP COLUMN IF EXISTS project_id',
      ],
    },
    { title: 'nine tables recreated', sql: [...TASK_TABLES, ...TRACKING_TABLES, ...CASE_INSENSITIVE_NAMES] },
  ],
};
