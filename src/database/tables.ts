// Row types of the schema at head, for Kysely. The schema itself is made by the revisions in migrations/.
import type { ColumnType, Generated } from 'kysely';

type Timestamp = ColumnType<Date, Date | string | undefined, Date | string>;

export interface RepositoriesTable {
  id: Generated<string>;
  project_id: string;
  /** Absolute, real path. */
  path: string;
  name: string;
  indexed_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
  metadata: Generated<unknown>;
  created_at: Timestamp;
  updated_at: Timestamp;
}

export interface CodeFilesTable {
  project_id: string;
  id: Generated<string>;
  repository_id: string;
  /** Relative to the repository, with forward slashes. */
  path: string;
  language: string | null;
  /** SHA-256 of the bytes; null when the row came from a schema without it. */
  content_hash: Buffer | null;
  size_bytes: number | null;
  line_count: number | null;
  chunk_count: number;
  /** Distinct terms of the file (see lexical/). */
  terms: ColumnType<string, string, string>;
  /** Term frequencies per chunk (see lexical/postings.ts). */
  postings: Buffer | null;
  indexed_at: Timestamp;
}

export interface CodeChunksTable {
  id: Generated<string>;
  project_id: string;
  repository_id: string;
  file_id: string;
  /** Place in the file, from 0. */
  ordinal: number;
  file_path: string;
  content: string;
  start_line: number;
  end_line: number;
  symbol: string | null;
  kind: string | null;
  /** Enclosing symbols, outermost first, joined by a dot. */
  parents: string | null;
  created_at: Timestamp;
  updated_at: Timestamp;
}

export interface EmbeddingModelsTable {
  id: Generated<number>;
  provider: string;
  model: string;
  dimensions: number;
}

export interface ChunkEmbeddingsTable {
  project_id: string;
  repository_id: string;
  file_id: string;
  ordinal: number;
  model_id: number;
  embedding: unknown;
}

export interface FileEmbeddingsTable {
  project_id: string;
  repository_id: string;
  file_id: string;
  model_id: number;
  /** What of the file: its content or its path. */
  aspect: 'content' | 'path';
  embedding: unknown;
}

export interface SkippedFilesTable {
  project_id: string;
  repository_id: string;
  path: string;
  reason: string;
  /** What happened, for files that failed. */
  detail: string | null;
}

export interface IndexJobsTable {
  project_id: string;
  id: Generated<string>;
  repository_path: string;
  state: string;
  phase: string;
  files_done: number;
  files_total: number;
  current_file: string | null;
  error: string | null;
  report: unknown;
  started_at: Timestamp;
  heartbeat_at: Timestamp;
  finished_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
}

export interface Tables {
  repositories: RepositoriesTable;
  code_files: CodeFilesTable;
  code_chunks: CodeChunksTable;
  embedding_models: EmbeddingModelsTable;
  chunk_embeddings: ChunkEmbeddingsTable;
  file_embeddings: FileEmbeddingsTable;
  skipped_files: SkippedFilesTable;
  index_jobs: IndexJobsTable;
}
