// Search only, several projects: nine tables go, repositories and chunks get a project.
import type { Revision } from '../revision.js';
import { TASK_TABLES } from './001_initial_schema.js';
import { TRACKING_TABLES } from './003_project_tracking.js';
import { CASE_INSENSITIVE_NAMES } from './005_case_insensitive_vendor.js';

/** The tables that search does not need, dependents first. */
export const NON_SEARCH_TABLES = [
  'deployment_vendors',
  'deployments',
  'vendor_test_results',
  'vendors',
  'work_item_dependencies',
  'work_items',
  'task_commits',
  'task_branches',
  'tasks',
] as const;

export const PROJECT_ID_CHECK = "CHECK (project_id ~ '^[a-z0-9-]{1,50}$')";

export const REMOVE_NON_SEARCH_TABLES: Revision = {
  revision: '002_remove_non_search_tables',
  revises: '005_case_insensitive_vendor',
  alembic: '002',
  description: 'project_id on repositories and chunks, nine tables fewer',
  upgrade: [
    {
      title: 'repositories.project_id',
      sql: ["ALTER TABLE repositories ADD COLUMN IF NOT EXISTS project_id varchar(50) NOT NULL DEFAULT 'default'"],
    },
    {
      title: 'code_chunks.project_id',
      sql: [
        "ALTER TABLE code_chunks ADD COLUMN IF NOT EXISTS project_id varchar(50) NOT NULL DEFAULT 'default'",
        'ALTER TABLE code_chunks ALTER COLUMN project_id DROP DEFAULT',
      ],
    },
    {
      title: 'check constraints',
      sql: [
        `ALTER TABLE repositories ADD CONSTRAINT check_repositories_project_id ${PROJECT_ID_CHECK}`,
        `ALTER TABLE code_chunks ADD CONSTRAINT check_code_chunks_project_id ${PROJECT_ID_CHECK}`,
      ],
    },
    {
      title: 'index',
      sql: ['CREATE INDEX IF NOT EXISTS idx_project_repository ON code_chunks (project_id, repository_id)'],
    },
    {
      title: 'drop nine tables',
      sql: [`DROP TABLE IF EXISTS ${NON_SEARCH_TABLES.join(', ')}`],
      drops: NON_SEARCH_TABLES,
    },
  ],
  downgrade: [
    { title: 'index', sql: ['DROP INDEX IF EXISTS idx_project_repository'] },
    {
      title: 'check constraints',
      sql: [
        'ALTER TABLE code_chunks DROP CONSTRAINT IF EXISTS check_code_chunks_project_id',
        'ALTER TABLE repositories DROP CONSTRAINT IF EXISTS check_repositories_project_id',
      ],
    },
    {
      title: 'columns',
      sql: [
        'ALTER TABLE code_chunks DROP COLUMN IF EXISTS project_id',
        'ALTER TABLE repositories DROP COLUMN IF EXISTS project_id',
      ],
    },
    { title: 'nine tables', sql: [...TASK_TABLES, ...TRACKING_TABLES, ...CASE_INSENSITIVE_NAMES] },
  ],
};
