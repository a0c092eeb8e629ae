// Everything the ranker needs to know about the candidate files, read from the database in three statements.
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../database/tables.js';
import { type Postings, readPostings } from '../lexical/postings.js';

export interface Evidence {
  readonly id: string;
  readonly repositoryId: string;
  readonly path: string;
  readonly language: string | null;
  readonly postings: Postings;
  /** Cosine with the query of each chunk, of the whole file and of its path; null when the vector leg is off. */
  readonly cosines: { readonly chunks: readonly number[]; readonly file: number; readonly path: number } | null;
}

export interface VectorQuery {
  readonly modelId: number;
  /** Binary parameter. */
  readonly vector: unknown;
}

/** Evidence on the files, in no particular order. `wanted`: the terms whose frequencies are needed. */
export async function gatherEvidence(
  db: Kysely<Tables>,
  projectId: string,
  ids: readonly string[],
  wanted: readonly string[],
  vectors: VectorQuery | null,
): Promise<readonly Evidence[]> {
  if (ids.length === 0) return [];
  const [files, cosines] = await Promise.all([
    db
      .selectFrom('code_files')
      .select(['id', 'repository_id', 'path', 'language', 'postings'])
      .where('project_id', '=', projectId)
      .where('id', '=', sql<string>`any(${ids}::bigint[])`)
      .execute(),
    vectors === null ? null : readCosines(db, projectId, ids, vectors),
  ]);
  return files.flatMap((file) => {
    if (file.postings === null) return [];
    const found = cosines?.get(file.id);
    return {
      id: file.id,
      repositoryId: file.repository_id,
      path: file.path,
      language: file.language,
      postings: readPostings(file.postings, wanted),
      cosines: found ?? null,
    };
  });
}

interface Cosines {
  chunks: number[];
  file: number;
  path: number;
}

async function readCosines(
  db: Kysely<Tables>,
  projectId: string,
  ids: readonly string[],
  { modelId, vector }: VectorQuery,
): Promise<ReadonlyMap<string, Cosines>> {
  const chunks = sql<{ id: string; cosines: number[] }>`
    select file_id::text as id, array_agg(cosine order by ordinal) as cosines
    from (
      select e.file_id, e.ordinal, (1 - (e.embedding <=> ${vector}::vector))::float4 as cosine
      from chunk_embeddings e
      where e.project_id = ${projectId} and e.model_id = ${modelId} and e.file_id = any(${ids}::bigint[])
      offset 0 -- keeps the vectors out of the sort
    ) as e
    group by file_id`.execute(db);
  const files = sql<{ id: string; aspect: 'content' | 'path'; cosine: number }>`
    select e.file_id::text as id, e.aspect, (1 - (e.embedding <=> ${vector}::vector))::float4 as cosine
    from file_embeddings e
    where e.project_id = ${projectId} and e.model_id = ${modelId} and e.file_id = any(${ids}::bigint[])`.execute(db);
  const found = new Map<string, Cosines>();
  for (const row of (await chunks).rows) found.set(row.id, { chunks: row.cosines, file: 0, path: 0 });
  for (const row of (await files).rows) {
    const entry = found.get(row.id);
    if (entry) entry[row.aspect === 'content' ? 'file' : 'path'] = row.cosine;
  }
  return found;
}
