// Reads what the file cache holds.
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../database/tables.js';
import { eachVector } from '../database/vectors.js';
import type { Aspect, Model } from './file-cache.js';

/** Files per statement: two megabytes of vectors. */
const PAGE = 1000;

export interface FileRow {
  readonly id: string;
  readonly repositoryId: string;
  readonly path: string;
  readonly language: string | null;
  readonly chunks: number;
}

interface Sink {
  readonly onFile: (file: FileRow) => void;
  /** Called after `onFile` for the same file. The vector is only valid during the call. */
  readonly onVector: (id: string, aspect: Aspect, vector: Float32Array) => void;
}

/** Ids of all files of a repository; in one string, because ten thousand rows cost more than their text. */
export async function loadIds(db: Kysely<Tables>, projectId: string, repositoryId: string): Promise<readonly string[]> {
  const { rows } = await sql<{ ids: string | null }>`
    select string_agg(id::text, ' ') as ids from code_files
    where project_id = ${projectId} and repository_id = ${repositoryId}`.execute(db);
  return rows[0]?.ids?.split(' ') ?? [];
}

export async function loadFiles(
  db: Kysely<Tables>,
  place: { readonly projectId: string; readonly repositoryId: string; readonly model: Model | null },
  ids: readonly string[],
  sink: Sink,
): Promise<void> {
  const { projectId, repositoryId, model } = place;
  for (let start = 0; start < ids.length; start += PAGE) {
    const page = ids.slice(start, start + PAGE);
    const files = await db
      .selectFrom('code_files')
      .select(['id', 'path', 'language', 'chunk_count as chunks'])
      .where('project_id', '=', projectId)
      .where('id', '=', sql<string>`any(${page}::bigint[])`)
      .execute();
    for (const file of files) sink.onFile({ ...file, repositoryId });
    if (model === null) continue;
    const { rows } = await sql<{ aspect: Aspect; vectors: Buffer }>`
      select aspect, string_agg(int8send(file_id) || vector_send(embedding::vector), ''::bytea) as vectors
      from file_embeddings
      where project_id = ${projectId} and model_id = ${model.id} and file_id = any(${page}::bigint[])
      group by aspect`.execute(db);
    for (const { aspect, vectors } of rows) {
      eachVector(vectors, model.dimensions, (id, vector) => sink.onVector(id, aspect, vector));
    }
  }
}
