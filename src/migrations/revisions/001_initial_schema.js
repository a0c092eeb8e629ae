export const ANN_INDEX = 'CREATE INDEX IF NOT EXISTS idx_code_chunks_embedding ON code_chunks USING hnsw (embedding vector_cosine_ops) WITH (m = 16, ef_construction = 64)';
const SEARCH_TABLES = [
    `CREATE TABLE IF NOT EXISTS repositories (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  path text NOT NULL,
  name text NOT NULL,
  indexed_at timestamptz,
  metadata jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
)`,
    `CREATE TABLE IF NOT EXISTS code_chunks (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  repository_id uuid NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
  file_path text NOT NULL,
  content text NOT NULL,
  start_line integer NOT NULL,
  end_line integer NOT NULL,
  embedding vector(768),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
)`,
    'CREATE INDEX IF NOT EXISTS idx_code_chunks_repository_id ON code_chunks (repository_id)',
    ANN_INDEX,
];
/** The task tracker; 002 drops it and its downgrade brings it back from here. */
export const TASK_TABLES = [
    `CREATE TABLE IF NOT EXISTS tasks (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  title text NOT NULL,
  description text,
  notes text,
  status text NOT NULL DEFAULT 'need to be done',
  planning_references text[] NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT check_tasks_status CHECK (status IN ('need to be done', 'in-progress', 'complete'))
)`,
    'CREATE INDEX IF NOT EXISTS idx_tasks_status ON tasks (status)',
    `CREATE TABLE IF NOT EXISTS task_branches (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  task_id uuid NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
  branch_name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT task_branches_task_id_branch_name_key UNIQUE (task_id, branch_name)
)`,
    `CREATE TABLE IF NOT EXISTS task_commits (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  task_id uuid NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
  commit_hash text NOT NULL,
  commit_message text,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT task_commits_task_id_commit_hash_key UNIQUE (task_id, commit_hash),
  CONSTRAINT check_task_commits_commit_hash CHECK (commit_hash ~ '^[0-9a-f]{7,40}$')
)`,
];
const ALL_TABLES = ['task_commits', 'task_branches', 'tasks', 'code_chunks', 'repositories'];
export const INITIAL_SCHEMA = {
    revision: '001_initial_schema',
    revises: null,
    alembic: '001',
    description: 'repositories, code chunks with vectors, tasks',
    upgrade: [
        { title: 'pgvector', sql: ['CREATE EXTENSION IF NOT EXISTS vector'] },
        { title: 'search tables', sql: SEARCH_TABLES },
        { title: 'task tables', sql: TASK_TABLES },
    ],
    downgrade: [{ title: 'drop every table', sql: [`DROP TABLE IF EXISTS ${ALL_TABLES.join(', ')}`], drops: ALL_TABLES }],
};
