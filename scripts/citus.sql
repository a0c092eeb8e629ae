-- Distributes the shared schema of codebase-mcp by project_id on a Citus cluster: psql -v ON_ERROR_STOP=1 -f scripts/citus.sql on
-- the coordinator, in a database whose schema `codebase-mcp db upgrade` has made. All tables of one project lie on one
-- node, so that its searches and its foreign keys stay there. Foreign keys are taken off and put back as they were, because
-- a distributed table and a local one may not refer to each other on the way.
BEGIN;
CREATE TEMPORARY TABLE foreign_keys ON COMMIT DROP AS
  SELECT conrelid::regclass::text AS name, conname::text AS key, pg_get_constraintdef(oid) AS definition FROM pg_constraint
  WHERE contype = 'f' AND connamespace = quote_ident(current_schema())::regnamespace;
DO $$
DECLARE each record;
BEGIN
  FOR each IN SELECT * FROM foreign_keys LOOP
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', each.name, each.key);
  END LOOP;
END $$;
SELECT create_reference_table('embedding_models');
SELECT create_distributed_table('repositories', 'project_id');
SELECT create_distributed_table('code_files', 'project_id', colocate_with => 'repositories');
SELECT create_distributed_table('code_chunks', 'project_id', colocate_with => 'repositories');
SELECT create_distributed_table('chunk_embeddings', 'project_id', colocate_with => 'repositories');
SELECT create_distributed_table('file_embeddings', 'project_id', colocate_with => 'repositories');
SELECT create_distributed_table('skipped_files', 'project_id', colocate_with => 'repositories');
SELECT create_distributed_table('index_jobs', 'project_id', colocate_with => 'repositories');
DO $$
DECLARE each record;
BEGIN
  FOR each IN SELECT * FROM foreign_keys LOOP
    EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I %s', each.name, each.key, each.definition);
  END LOOP;
END $$;
COMMIT;
