// The schema that 005_case_insensitive_vendor makes of an empty database, read back from it. Written by test/migrations/schemas.test.ts.
export const SCHEMA = `column code_chunks.content: text not null
column code_chunks.created_at: timestamp with time zone not null default now()
column code_chunks.embedding: vector(768)
column code_chunks.end_line: integer not null
column code_chunks.file_path: text not null
column code_chunks.id: uuid not null default gen_random_uuid()
column code_chunks.repository_id: uuid not null
column code_chunks.start_line: integer not null
column code_chunks.updated_at: timestamp with time zone not null default now()
column deployment_vendors.created_at: timestamp with time zone not null default now()
column deployment_vendors.deployment_id: uuid not null
column deployment_vendors.vendor_id: uuid not null
column deployments.commit_hash: text not null
column deployments.created_at: timestamp with time zone not null default now()
column deployments.created_by: text not null
column deployments.deployed_at: timestamp with time zone not null
column deployments.id: uuid not null default gen_random_uuid()
column deployments.metadata: jsonb not null default '{}'::jsonb
column deployments.pull_request: integer not null
column deployments.title: text not null
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
column vendor_test_results.details: jsonb
column vendor_test_results.duration_ms: integer
column vendor_test_results.executed_at: timestamp with time zone not null default now()
column vendor_test_results.id: bigint not null by default as identity
column vendor_test_results.passed: boolean not null
column vendor_test_results.test_name: text not null
column vendor_test_results.vendor_id: uuid not null
column vendors.created_at: timestamp with time zone not null default now()
column vendors.created_by: text not null
column vendors.extractor_version: text not null
column vendors.id: uuid not null default gen_random_uuid()
column vendors.metadata: jsonb not null default '{}'::jsonb
column vendors.name: text not null
column vendors.status: text not null default 'broken'::text
column vendors.updated_at: timestamp with time zone not null default now()
column vendors.version: integer not null default 1
column work_item_dependencies.created_at: timestamp with time zone not null default now()
column work_item_dependencies.created_by: text not null
column work_item_dependencies.dependency_type: text not null
column work_item_dependencies.source_id: uuid not null
column work_item_dependencies.target_id: uuid not null
column work_items.branch_name: text
column work_items.commit_hash: text
column work_items.created_at: timestamp with time zone not null default now()
column work_items.created_by: text not null
column work_items.deleted_at: timestamp with time zone
column work_items.depth: integer not null default 0
column work_items.description: text
column work_items.id: uuid not null default gen_random_uuid()
column work_items.item_type: text not null
column work_items.metadata: jsonb not null default '{}'::jsonb
column work_items.parent_id: uuid
column work_items.pull_request: integer
column work_items.status: text not null default 'active'::text
column work_items.title: text not null
column work_items.updated_at: timestamp with time zone not null default now()
column work_items.version: integer not null default 1
constraint code_chunks.code_chunks_pkey: PRIMARY KEY (id)
constraint code_chunks.code_chunks_repository_id_fkey: FOREIGN KEY (repository_id) REFERENCES repositories(id) ON DELETE CASCADE
constraint deployment_vendors.deployment_vendors_deployment_id_fkey: FOREIGN KEY (deployment_id) REFERENCES deployments(id) ON DELETE CASCADE
constraint deployment_vendors.deployment_vendors_pkey: PRIMARY KEY (deployment_id, vendor_id)
constraint deployment_vendors.deployment_vendors_vendor_id_fkey: FOREIGN KEY (vendor_id) REFERENCES vendors(id) ON DELETE CASCADE
constraint deployments.check_deployments_commit_hash: CHECK ((commit_hash ~ '^[0-9a-f]{7,40}$'::text))
constraint deployments.check_deployments_pull_request: CHECK ((pull_request > 0))
constraint deployments.deployments_pkey: PRIMARY KEY (id)
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
constraint vendor_test_results.check_vendor_test_results_duration: CHECK ((duration_ms >= 0))
constraint vendor_test_results.vendor_test_results_pkey: PRIMARY KEY (id)
constraint vendor_test_results.vendor_test_results_vendor_id_fkey: FOREIGN KEY (vendor_id) REFERENCES vendors(id) ON DELETE CASCADE
constraint vendors.check_vendors_name: CHECK ((name <> ''::text))
constraint vendors.check_vendors_status: CHECK ((status = ANY (ARRAY['operational'::text, 'broken'::text])))
constraint vendors.check_vendors_version: CHECK ((version > 0))
constraint vendors.vendors_pkey: PRIMARY KEY (id)
constraint work_item_dependencies.check_work_item_dependencies_self: CHECK ((source_id <> target_id))
constraint work_item_dependencies.check_work_item_dependencies_type: CHECK ((dependency_type = ANY (ARRAY['blocks'::text, 'depends_on'::text])))
constraint work_item_dependencies.work_item_dependencies_pkey: PRIMARY KEY (source_id, target_id)
constraint work_item_dependencies.work_item_dependencies_source_id_fkey: FOREIGN KEY (source_id) REFERENCES work_items(id) ON DELETE CASCADE
constraint work_item_dependencies.work_item_dependencies_target_id_fkey: FOREIGN KEY (target_id) REFERENCES work_items(id) ON DELETE CASCADE
constraint work_items.check_work_items_depth: CHECK (((depth >= 0) AND (depth <= 5)))
constraint work_items.check_work_items_item_type: CHECK ((item_type = ANY (ARRAY['project'::text, 'session'::text, 'task'::text, 'research'::text])))
constraint work_items.check_work_items_parent: CHECK ((parent_id <> id))
constraint work_items.check_work_items_status: CHECK ((status = ANY (ARRAY['active'::text, 'completed'::text, 'blocked'::text])))
constraint work_items.check_work_items_version: CHECK ((version > 0))
constraint work_items.work_items_parent_id_fkey: FOREIGN KEY (parent_id) REFERENCES work_items(id) ON DELETE RESTRICT
constraint work_items.work_items_pkey: PRIMARY KEY (id)
index code_chunks.idx_code_chunks_embedding: hnsw (embedding vector_cosine_ops) WITH (m='16', ef_construction='64')
index code_chunks.idx_code_chunks_repository_id: btree (repository_id)
index deployment_vendors.idx_deployment_vendors_vendor_id: btree (vendor_id)
index deployments.idx_deployments_deployed_at: btree (deployed_at DESC)
index tasks.idx_tasks_status: btree (status)
index vendor_test_results.idx_vendor_test_results_vendor_id: btree (vendor_id, executed_at DESC)
index vendors.idx_vendors_name_lower: UNIQUE btree (lower(name))
index work_item_dependencies.idx_work_item_dependencies_target_id: btree (target_id)
index work_items.idx_work_items_live: btree (status, created_at DESC) WHERE (deleted_at IS NULL)
index work_items.idx_work_items_parent_id: btree (parent_id)
table code_chunks: table
table deployment_vendors: table
table deployments: table
table repositories: table
table task_branches: table
table task_commits: table
table tasks: table
table vendor_test_results: table
table vendors: table
table work_item_dependencies: table
table work_items: table
`;
