// The schema that 001_initial_schema makes of an empty database, read back from it. Written by test/migrations/schemas.test.ts.
export const SCHEMA = `column code_chunks.content: text not null
column code_chunks.created_at: timestamp with time zone not null default now()
column code_chunks.embedding: vector(768)
column code_chunks.end_line: integer not null
column code_chunks.file_path: text not null
column code_chunks.id: uuid not null default gen_random_uuid()
column code_chunks.repository_id: uuid not null
column code_chunks.start_line: integer not null
column code_chunks.updated_at: timestamp with time zone not null default now()
column repositories.created_at: timestamp with time zone not null default now()
column repositories.id: uuid not null default gen_random_uuid()
column repositories.indexed_at: timestamp with time zone
column repositories.metadata: jsonb not null default '{}'::jsonb
column repositories.name: text not null
column repositories.path: text not null
column repositories.updated_at: timestamp with time zone not null default now()
column task_branches.branch_name: text not null
column task_branches.created_at: timestamp with time zone not null default now()
column task_branches.id: uuid not null default gen_random_uuid()
column task_branches.task_id: uuid not null
column task_commits.commit_hash: text not null
column task_commits.commit_message: text
column task_commits.created_at: timestamp with time zone not null default now()
column task_commits.id: uuid not null default gen_random_uuid()
column task_commits.task_id: uuid not null
column tasks.created_at: timestamp with time zone not null default now()
column tasks.description: text
column tasks.id: uuid not null default gen_random_uuid()
column tasks.notes: text
column tasks.planning_references: text[] not null default '{}'::text[]
column tasks.status: text not null default 'need to be done'::text
column tasks.title: text not null
column tasks.updated_at: timestamp with time zone not null default now()
constraint code_chunks.code_chunks_pkey: PRIMARY KEY (id)
constraint code_chunks.code_chunks_repository_id_fkey: FOREIGN KEY (repository_id) REFERENCES repositories(id) ON DELETE CASCADE
constraint repositories.repositories_pkey: PRIMARY KEY (id)
constraint task_branches.task_branches_pkey: PRIMARY KEY (id)
constraint task_branches.task_branches_task_id_branch_name_key: UNIQUE (task_id, branch_name)
constraint task_branches.task_branches_task_id_fkey: FOREIGN KEY (task_id) REFERENCES tasks(id) ON DELETE CASCADE
constraint task_commits.check_task_commits_commit_hash: CHECK ((commit_hash ~ '^[0-9a-f]{7,40}$'::text))
constraint task_commits.task_commits_pkey: PRIMARY KEY (id)
constraint task_commits.task_commits_task_id_commit_hash_key: UNIQUE (task_id, commit_hash)
constraint task_commits.task_commits_task_id_fkey: FOREIGN KEY (task_id) REFERENCES tasks(id) ON DELETE CASCADE
constraint tasks.check_tasks_status: CHECK ((status = ANY (ARRAY['need to be done'::text, 'in-progress'::text, 'complete'::text])))
constraint tasks.tasks_pkey: PRIMARY KEY (id)
index code_chunks.idx_code_chunks_embedding: hnsw (embedding vector_cosine_ops) WITH (m='16', ef_construction='64')
index code_chunks.idx_code_chunks_repository_id: btree (repository_id)
index tasks.idx_tasks_status: btree (status)
table code_chunks: table
table repositories: table
table task_branches: table
table task_commits: table
table tasks: table
`;
