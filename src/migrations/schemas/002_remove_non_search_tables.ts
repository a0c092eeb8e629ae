// The schema that 002_remove_non_search_tables makes of an empty database, read back from it. Written by test/migrations/schemas.test.ts.
export const SCHEMA = `column code_chunks.content: text not null
column code_chunks.created_at: timestamp with time zone not null default now()
column code_chunks.embedding: vector(768)
column code_chunks.end_line: integer not null
column code_chunks.file_path: text not null
column code_chunks.id: uuid not null default gen_random_uuid()
column code_chunks.project_id: character varying(50) not null
column code_chunks.repository_id: uuid not null
column code_chunks.start_line: integer not null
column code_chunks.updated_at: timestamp with time zone not null default now()
column repositories.created_at: timestamp with time zone not null default now()
column repositories.id: uuid not null default gen_random_uuid()
column repositories.indexed_at: timestamp with time zone
column repositories.metadata: jsonb not null default '{}'::jsonb
column repositories.name: text not null
column repositories.path: text not null
column repositories.project_id: character varying(50) not null default 'default'::character varying
column repositories.updated_at: timestamp with time zone not null default now()
constraint code_chunks.check_code_chunks_project_id: CHECK (((project_id)::text ~ '^[a-z0-9-]{1,50}$'::text))
constraint code_chunks.code_chunks_pkey: PRIMARY KEY (id)
constraint code_chunks.code_chunks_repository_id_fkey: FOREIGN KEY (repository_id) REFERENCES repositories(id) ON DELETE CASCADE
constraint repositories.check_repositories_project_id: CHECK (((project_id)::text ~ '^[a-z0-9-]{1,50}$'::text))
constraint repositories.repositories_pkey: PRIMARY KEY (id)
index code_chunks.idx_code_chunks_embedding: hnsw (embedding vector_cosine_ops) WITH (m='16', ef_construction='64')
index code_chunks.idx_code_chunks_repository_id: btree (repository_id)
index code_chunks.idx_project_repository: btree (project_id, repository_id)
table code_chunks: table
table repositories: table
`;
