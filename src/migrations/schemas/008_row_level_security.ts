// The schema that 008_row_level_security makes of an empty database, read back from it. Written by test/migrations/schemas.test.ts.
export const SCHEMA = `column chunk_embeddings.embedding: vector not null storage plain
column chunk_embeddings.file_id: bigint not null
column chunk_embeddings.model_id: integer not null
column chunk_embeddings.ordinal: integer not null
column chunk_embeddings.project_id: character varying(50) not null
column chunk_embeddings.repository_id: uuid not null
column code_chunks.content: text not null
column code_chunks.created_at: timestamp with time zone not null default now()
column code_chunks.end_line: integer not null
column code_chunks.file_id: bigint not null
column code_chunks.file_path: text not null
column code_chunks.id: uuid not null default gen_random_uuid()
column code_chunks.kind: text
column code_chunks.ordinal: integer not null
column code_chunks.parents: text
column code_chunks.project_id: character varying(50) not null
column code_chunks.repository_id: uuid not null
column code_chunks.start_line: integer not null
column code_chunks.symbol: text
column code_chunks.updated_at: timestamp with time zone not null default now()
column code_files.chunk_count: integer not null default 0
column code_files.content_hash: bytea
column code_files.id: bigint not null by default as identity
column code_files.indexed_at: timestamp with time zone not null default now()
column code_files.language: text
column code_files.line_count: integer
column code_files.path: text not null
column code_files.postings: bytea
column code_files.project_id: character varying(50) not null
column code_files.repository_id: uuid not null
column code_files.size_bytes: integer
column code_files.terms: tsvector not null default ''::tsvector
column embedding_models.dimensions: integer not null
column embedding_models.id: integer not null by default as identity
column embedding_models.model: text not null
column embedding_models.provider: text not null
column file_embeddings.aspect: text not null
column file_embeddings.embedding: vector not null storage plain
column file_embeddings.file_id: bigint not null
column file_embeddings.model_id: integer not null
column file_embeddings.project_id: character varying(50) not null
column file_embeddings.repository_id: uuid not null
column index_jobs.current_file: text
column index_jobs.error: text
column index_jobs.files_done: integer not null default 0
column index_jobs.files_total: integer not null default 0
column index_jobs.finished_at: timestamp with time zone
column index_jobs.heartbeat_at: timestamp with time zone not null default now()
column index_jobs.id: uuid not null default gen_random_uuid()
column index_jobs.phase: text not null
column index_jobs.project_id: character varying(50) not null
column index_jobs.report: jsonb
column index_jobs.repository_path: text not null
column index_jobs.started_at: timestamp with time zone not null default now()
column index_jobs.state: text not null
column repositories.created_at: timestamp with time zone not null default now()
column repositories.id: uuid not null default gen_random_uuid()
column repositories.indexed_at: timestamp with time zone
column repositories.metadata: jsonb not null default '{}'::jsonb
column repositories.name: text not null
column repositories.path: text not null
column repositories.project_id: character varying(50) not null default 'default'::character varying
column repositories.updated_at: timestamp with time zone not null default now()
column skipped_files.detail: text
column skipped_files.path: text not null
column skipped_files.project_id: character varying(50) not null
column skipped_files.reason: text not null
column skipped_files.repository_id: uuid not null
constraint chunk_embeddings.chunk_embeddings_model_id_fkey: FOREIGN KEY (model_id) REFERENCES embedding_models(id)
constraint chunk_embeddings.chunk_embeddings_pkey: PRIMARY KEY (project_id, file_id, ordinal, model_id)
constraint chunk_embeddings.chunk_embeddings_project_id_file_id_fkey: FOREIGN KEY (project_id, file_id) REFERENCES code_files(project_id, id) ON DELETE CASCADE
constraint code_chunks.check_code_chunks_project_id: CHECK (((project_id)::text ~ '^[a-z0-9-]{1,50}$'::text))
constraint code_chunks.code_chunks_pkey: PRIMARY KEY (id)
constraint code_chunks.code_chunks_project_id_file_id_fkey: FOREIGN KEY (project_id, file_id) REFERENCES code_files(project_id, id) ON DELETE CASCADE
constraint code_chunks.code_chunks_project_id_file_id_ordinal_key: UNIQUE (project_id, file_id, ordinal)
constraint code_chunks.code_chunks_repository_id_fkey: FOREIGN KEY (repository_id) REFERENCES repositories(id) ON DELETE CASCADE
constraint code_files.check_code_files_project_id: CHECK (((project_id)::text ~ '^[a-z0-9-]{1,50}$'::text))
constraint code_files.code_files_pkey: PRIMARY KEY (project_id, id)
constraint code_files.code_files_project_id_repository_id_fkey: FOREIGN KEY (project_id, repository_id) REFERENCES repositories(project_id, id) ON DELETE CASCADE
constraint code_files.code_files_project_id_repository_id_path_key: UNIQUE (project_id, repository_id, path)
constraint embedding_models.check_embedding_models_dimensions: CHECK (((dimensions >= 1) AND (dimensions <= 2000)))
constraint embedding_models.embedding_models_pkey: PRIMARY KEY (id)
constraint embedding_models.embedding_models_provider_model_dimensions_key: UNIQUE (provider, model, dimensions)
constraint file_embeddings.check_file_embeddings_aspect: CHECK ((aspect = ANY (ARRAY['content'::text, 'path'::text])))
constraint file_embeddings.file_embeddings_model_id_fkey: FOREIGN KEY (model_id) REFERENCES embedding_models(id)
constraint file_embeddings.file_embeddings_pkey: PRIMARY KEY (project_id, file_id, aspect, model_id)
constraint file_embeddings.file_embeddings_project_id_file_id_fkey: FOREIGN KEY (project_id, file_id) REFERENCES code_files(project_id, id) ON DELETE CASCADE
constraint index_jobs.check_index_jobs_project_id: CHECK (((project_id)::text ~ '^[a-z0-9-]{1,50}$'::text))
constraint index_jobs.index_jobs_pkey: PRIMARY KEY (project_id, id)
constraint repositories.check_repositories_project_id: CHECK (((project_id)::text ~ '^[a-z0-9-]{1,50}$'::text))
constraint repositories.repositories_pkey: PRIMARY KEY (id)
constraint repositories.repositories_project_id_id_key: UNIQUE (project_id, id)
constraint repositories.repositories_project_id_path_key: UNIQUE (project_id, path)
constraint skipped_files.skipped_files_pkey: PRIMARY KEY (project_id, repository_id, path)
constraint skipped_files.skipped_files_project_id_repository_id_fkey: FOREIGN KEY (project_id, repository_id) REFERENCES repositories(project_id, id) ON DELETE CASCADE
function code_files.code_files_with_terms: (project text, repositories uuid[], lexemes text[]) returns TABLE(term integer, files integer, ids text) as its owner with search_path=the schema, pg_temp, enable_seqscan=off md5 9b48b2f5f2a1f16b1eefc951dcfd5034
index chunk_embeddings.idx_chunk_embeddings_repository: btree (project_id, repository_id)
index code_chunks.idx_code_chunks_repository_id: btree (repository_id)
index code_chunks.idx_project_repository: btree (project_id, repository_id)
index code_files.idx_code_files_terms: gin (terms)
index file_embeddings.idx_file_embeddings_repository: btree (project_id, repository_id)
index index_jobs.idx_index_jobs_repository: btree (project_id, repository_path, started_at DESC)
policy chunk_embeddings.project: permissive for all using ((project_id)::text = current_setting('codebase.project_id'::text, true))
policy code_chunks.project: permissive for all using ((project_id)::text = current_setting('codebase.project_id'::text, true))
policy code_files.project: permissive for all using ((project_id)::text = current_setting('codebase.project_id'::text, true))
policy file_embeddings.project: permissive for all using ((project_id)::text = current_setting('codebase.project_id'::text, true))
policy index_jobs.project: permissive for all using ((project_id)::text = current_setting('codebase.project_id'::text, true))
policy repositories.project: permissive for all using ((project_id)::text = current_setting('codebase.project_id'::text, true))
policy skipped_files.project: permissive for all using ((project_id)::text = current_setting('codebase.project_id'::text, true))
table chunk_embeddings: table with row-level security
table code_chunks: table with row-level security
table code_files: table with row-level security
table embedding_models: table
table file_embeddings: table with row-level security
table index_jobs: table with row-level security
table repositories: table with row-level security
table skipped_files: table with row-level security
`;
