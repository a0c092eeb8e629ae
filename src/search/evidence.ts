// Everything the ranker needs to know about the candidate files: what is in memory, and two statements for the rest.
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../database/tables.js';
import { type Postings, readPostings } from '../lexical/postings.js';
import type { FileCosines, SearchedFiles } from './searched-files.js';

export interface Evidence {
  readonly id: string;
  readonly repositoryId: string;
  readonly path: string;
  readonly language: string | null;
  readonly postings: Postings;
  /** Cosine with the query of each chunk, of the whole file and of its path; null when the vector leg is off. */
  readonly cosines: ({ readonly chunks: readonly number[] } & FileCosines) | null;
  /** Chunks that have what the query quotes. */
  readonly quoting: readonly number[];
}

/** What is looked for in the candidate files. */
export interface Wanted {
  /** Terms whose frequencies are needed. */
  readonly terms: readonly string[];
  /** Regular expression, or null. */
  readonly phrase: string | null;
  readonly vectors: VectorQuery | null;
}

export interface VectorQuery {
  readonly modelId: number;
  readonly vector: Float32Array;
  /** The same as a binary parameter. */
  readonly parameter: Buffer;
}

/** Evidence on the files, in no particular order. */
export async function gatherEvidence(
  db: Kysely<Tables>,
  projectId: string,
  searched: SearchedFiles,
  ids: readonly string[],
  { terms, phrase, vectors }: Wanted,
): Promise<readonly Evidence[]> {
  if (ids.length === 0) return [];
  const [rows, chunkCosines, quoting] = await Promise.all([
    db
      .selectFrom('code_files')
      .select(['id', 'postings'])
      .where('project_id', '=', projectId)
      .where('id', '=', sql<string>`any(${ids}::bigint[])`)
      .execute(),
    vectors === null ? null : readChunkCosines(db, projectId, ids, vectors),
    phrase === null ? null : readQuoting(db, projectId, ids, phrase),
  ]);
  return rows.flatMap(({ id, postings }) => {
    const found = searched.find(id);
    if (postings === null || found === null) return [];
    const { repositoryId, path, language } = found.file;
    const chunks = chunkCosines?.get(id);
    return {
      id,
      repositoryId,
      path,
      language,
      postings: readPostings(postings, terms),
      cosines: chunks && found.cosines ? { chunks, ...found.cosines } : null,
      quoting: quoting?.get(id) ?? [],
    };
  });
}

/** Vectors have length 1, or 0 where there is nothing to say: their inner product is the cosine. */
async function readChunkCosines(
  db: Kysely<Tables>,
  projectId: string,
  ids: readonly string[],
  { modelId, parameter }: VectorQuery,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const { rows } = await sql<{ id: string; cosines: number[] }>`
    select file_id::text as id, array_agg(cosine order by ordinal) as cosines
    from (
      select e.file_id, e.ordinal, (-(e.embedding <#> ${parameter}::vector))::float4 as cosine
      from chunk_embeddings e
      where e.project_id = ${projectId} and e.model_id = ${modelId} and e.file_id = any(${ids}::bigint[])
      offset 0 -- keeps the vectors out of the sort
    ) as e
    group by file_id`.execute(db);
  return new Map(rows.map((row) => [row.id, row.cosines]));
}

async function readQuoting(
  db: Kysely<Tables>,
  projectId: string,
  ids: readonly string[],
  phrase: string,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const { rows } = await sql<{ id: string; chunks: number[] }>`
    select file_id::text as id, array_agg(ordinal order by ordinal) as chunks
    from code_chunks
    where project_id = ${projectId} and file_id = any(${ids}::bigint[]) and content ~* ${phrase}
    group by file_id`.execute(db);
  return new Map(rows.map((row) => [row.id, row.chunks]));
}
