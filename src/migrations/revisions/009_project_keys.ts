// Every key holds the project id, so that a project's rows can lie on any node of a cluster: scripts/citus-check.sql says so.
import type { Revision } from '../revision.js';
import { STOP, stopIfAny } from '../stops.js';

const FOREIGN_KEYS_OF_OTHERS = stopIfAny(
  `    SELECT format('%s refers to %s by %I; ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, confrelid::regclass, conname,
      conrelid::regclass, conname) AS finding
    FROM pg_constraint WHERE contype = 'f' AND conname <> 'code_chunks_repository_id_fkey'
      AND confrelid IN ('repositories'::regclass, 'code_chunks'::regclass) AND cardinality(confkey) = 1`,
  {
    state: STOP.schema,
    message: 'foreign keys of other tables hold on to an id without its project',
    hint: 'run the statements named, upgrade, and make those keys again with project_id beside the id',
  },
);

export const PROJECT_KEYS: Revision = {
  revision: '009_project_keys',
  revises: '008_row_level_security',
  description: 'every key has the project id',
  upgrade: [
    {
      title: 'keys with the project id',
      sql: [
        FOREIGN_KEYS_OF_OTHERS,
        `ALTER TABLE code_chunks
  DROP CONSTRAINT IF EXISTS code_chunks_repository_id_fkey,
  DROP CONSTRAINT IF EXISTS code_chunks_pkey,
  DROP CONSTRAINT IF EXISTS code_chunks_project_id_file_id_ordinal_key,
  ADD PRIMARY KEY (project_id, file_id, ordinal)`,
        `ALTER TABLE repositories
  DROP CONSTRAINT IF EXISTS repositories_pkey,
  ADD PRIMARY KEY (project_id, id)`,
        `ALTER TABLE code_chunks ADD CONSTRAINT code_chunks_project_id_repository_id_fkey
  FOREIGN KEY (project_id, repository_id) REFERENCES repositories (project_id, id) ON DELETE CASCADE`,
        'DROP INDEX IF EXISTS idx_code_chunks_repository_id',
      ],
    },
  ],
  downgrade: [
    {
      title: 'keys without the project id',
      sql: [
        'CREATE INDEX IF NOT EXISTS idx_code_chunks_repository_id ON code_chunks (repository_id)',
        `ALTER TABLE code_chunks
  DROP CONSTRAINT IF EXISTS code_chunks_project_id_repository_id_fkey,
  DROP CONSTRAINT IF EXISTS code_chunks_pkey,
  ADD PRIMARY KEY (id),
  ADD CONSTRAINT code_chunks_project_id_file_id_ordinal_key UNIQUE (project_id, file_id, ordinal)`,
        `ALTER TABLE repositories
  DROP CONSTRAINT IF EXISTS repositories_pkey,
  ADD PRIMARY KEY (id)`,
        `ALTER TABLE code_chunks ADD CONSTRAINT code_chunks_repository_id_fkey
  FOREIGN KEY (repository_id) REFERENCES repositories (id) ON DELETE CASCADE`,
      ],
    },
  ],
};
