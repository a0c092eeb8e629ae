// Everything the ranker needs to know about the candidate files, most of it from memory.
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../database/tables.js';
import { type Postings, readPostings } from '../lexical/postings.js';
import type { EvidenceCache } from './evidence-cache.js';
import type { Model } from './file-cache.js';
import { roundedQuery } from './int8-matrix.js';
import type { PathFacts } from './path-facts.js';
import type { FileCosines, SearchedFiles } from './searched-files.js';

export interface Evidence {
  readonly id: string;
  readonly repositoryId: string;
  readonly path: string;
  readonly facts: PathFacts;
  readonly language: string | null;
  readonly postings: Postings;
  /** Cosine with the query of each chunk, of the whole file and of its path; null when the vector leg is off. */
  readonly cosines: ({ readonly chunks: Float32Array } & FileCosines) | null;
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
  readonly model: Model;
  readonly vector: Float32Array;
}

/** Evidence on the files, in no particular order. */
export async function gatherEvidence(
  db: Kysely<Tables>,
  projectId: string,
  cache: EvidenceCache,
  searched: SearchedFiles,
  ids: readonly string[],
  { terms, phrase, vectors }: Wanted,
): Promise<readonly Evidence[]> {
  if (ids.length === 0) return [];
  const candidates = ids.flatMap((id) => searched.find(id) ?? []);
  const [kept, quoting] = await Promise.all([
    cache.read(
      db,
      projectId,
      vectors?.model ?? null,
      candidates.map(({ file }) => file),
    ),
    phrase === null ? null : readQuoting(db, projectId, ids, phrase),
  ]);
  const query = vectors && roundedQuery(vectors.vector);
  return candidates.flatMap(({ file: { id, repositoryId, path, language }, cosines }) => {
    const file = kept.get(id);
    if (file === undefined) return [];
    // Vectors have length 1, or 0 where there is nothing to say: their inner product is the cosine.
    const chunks = query && file.vectors?.products(query);
    return {
      id,
      repositoryId,
      path,
      facts: file.facts,
      language,
      postings: readPostings(file.postings, terms),
      cosines: chunks && cosines ? { chunks, ...cosines } : null,
      quoting: quoting?.get(id) ?? [],
    };
  });
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
