// Code that is like the code of a place: the places whose vectors are nearest to the place's own. The files that are nearest
// as a whole, which memory knows, are compared place by place.
import { sql } from 'kysely';
import { eachVector, vectorParameter } from '../database/vectors.js';
import { CodebaseError } from '../errors.js';
import type { RelatedAnswer } from '../service.js';
import { databaseState } from './file-cache.js';
import { pack } from './pack.js';
import { type ShownFile, showFiles } from './places.js';
import { passingFilters, type Scope } from './scope.js';
import type { Found, Limits, SearchTools } from './search.js';
import { SearchedFiles } from './searched-files.js';

export interface Place {
  readonly repositoryId: string;
  /** Absolute path of the repository. */
  readonly repository: string;
  readonly path: string;
  /** 1-based; undefined means the whole file. */
  readonly line: number | undefined;
}

export interface FoundRelated extends Found {
  readonly place: RelatedAnswer['place'];
}

/**
 * Files compared place by place, and how many at least for each that is wanted. Of 14,000 files with 105,000 chunks these
 * hold 96 of 100 of the ten that a comparison with every chunk puts first; in a smaller repository they are all files.
 */
const CANDIDATE_FILES = 1000;
const CANDIDATES_PER_FILE = 20;
/** Places of one file that are looked at: many like parts of one must not keep the others out. */
const PLACES_PER_FILE = 4;
/** Below this cosine two places have no more in common than any two places of one language. */
const LEAST_COSINE = 0.35;

/** `repositories`: id → absolute path, for every repository of the scope. */
export async function findRelated(
  tools: SearchTools,
  scope: Scope,
  repositories: ReadonlyMap<string, string>,
  wanted: Place,
  limits: Omit<Limits, 'explain'>,
): Promise<FoundRelated> {
  const { database, embedder, files } = tools;
  const { snapshot, modelId, filesLeftOut } = await databaseState(database, embedder, scope);
  const own = await readPlace(tools, scope.projectId, modelId, wanted);
  const model = { id: own.modelId, dimensions: embedder.dimensions };
  const cached = await files.read(database.db, scope.projectId, scope.repositoryIds, model, snapshot);
  const passing = await passingFilters(cached, scope, limits.signal);
  limits.signal?.throwIfAborted();
  const searched = new SearchedFiles(cached, passing, own.vector);
  const [candidates = []] = searched.nearest(Math.max(CANDIDATE_FILES, limits.limit * CANDIDATES_PER_FILE));
  const near = await nearest(tools, scope.projectId, own, candidates, limits.limit);
  limits.signal?.throwIfAborted();
  const places = await showFiles(database.db, scope.projectId, near.slice(0, limits.limit), repositories);
  return {
    ...pack(places, limits.maxTokens, limits.detail),
    place: own.place,
    ...searched.size(),
    filesLeftOut,
  };
}

interface OwnPlace {
  readonly place: RelatedAnswer['place'];
  readonly fileId: string;
  /** Null for the whole file. */
  readonly ordinal: number | null;
  readonly modelId: number;
  /** Of the place, or of the whole file. */
  readonly vector: Float32Array;
}

async function readPlace(
  { database, embedder }: SearchTools,
  projectId: string,
  modelId: number | null,
  { repositoryId, repository, path, line }: Place,
): Promise<OwnPlace> {
  const { rows } = await sql<Row>`
    select f.id::text as file_id, f.line_count, c.ordinal, c.start_line, c.end_line, c.symbol, c.kind, c.parents,
      int8send(f.id) || vector_send(coalesce(ce.embedding, fe.embedding)::vector) as vector
    from code_files f
    left join lateral (
      select ordinal, start_line, end_line, symbol, kind, parents from code_chunks
      where project_id = f.project_id and file_id = f.id and start_line <= ${line ?? 0}::bigint and end_line >= ${line ?? 0}::bigint
      order by end_line - start_line, ordinal limit 1
    ) c on true
    left join chunk_embeddings ce
      on ce.project_id = f.project_id and ce.file_id = f.id and ce.model_id = ${modelId} and ce.ordinal = c.ordinal
    left join file_embeddings fe
      on fe.project_id = f.project_id and fe.file_id = f.id and fe.model_id = ${modelId} and fe.aspect = 'content'
    where f.project_id = ${projectId} and f.repository_id = ${repositoryId} and f.path = ${path}`.execute(database.db);
  const [row] = rows;
  if (row === undefined) {
    throw new CodebaseError(
      'not_found',
      `${path} is not in the index of ${repository}; codebase-mcp status ${repository} says what is left out, codebase-mcp index ${repository} looks again.`,
    );
  }
  if (line !== undefined && row.ordinal === null) {
    throw new CodebaseError(
      'invalid_input',
      `${path} has no code at line ${line}; it has ${row.line_count ?? 0} lines in the index.`,
    );
  }
  if (modelId === null || row.vector === null) {
    throw new CodebaseError(
      'not_found',
      `${repository} is not indexed with ${embedder.provider} ${embedder.model}; codebase-mcp index ${repository} does that.`,
    );
  }
  let vector: Float32Array = new Float32Array();
  eachVector(row.vector, embedder.dimensions, (_, own) => {
    vector = own;
  });
  const symbol = row.symbol !== null && row.parents !== null ? `${row.parents}.${row.symbol}` : row.symbol;
  const place = {
    repository,
    path,
    start_line: row.start_line ?? 1,
    end_line: row.end_line ?? row.line_count ?? 1,
    symbol,
    kind: row.kind,
  };
  return { place, fileId: row.file_id, ordinal: row.ordinal, modelId, vector };
}

interface Row {
  readonly file_id: string;
  readonly line_count: number | null;
  readonly ordinal: number | null;
  readonly start_line: number | null;
  readonly end_line: number | null;
  readonly symbol: string | null;
  readonly kind: string | null;
  readonly parents: string | null;
  readonly vector: Buffer | null;
}

/** Files with their places that are near, best first. A place is no relative of itself, nor a file of its own parts. */
async function nearest(
  { database }: SearchTools,
  projectId: string,
  own: OwnPlace,
  candidates: readonly string[],
  files: number,
): Promise<readonly ShownFile[]> {
  const { fileId, ordinal, modelId } = own;
  const vector = vectorParameter(database, own.vector);
  const { rows } = await sql<NearRow>`
    with near as materialized (
      select e.file_id, e.ordinal, 1 - (e.embedding <=> ${vector}) as cosine
      from chunk_embeddings e
      where e.project_id = ${projectId} and e.model_id = ${modelId}
        and e.file_id = any(${candidates}::bigint[])
        and (e.file_id <> ${fileId} or e.ordinal <> ${ordinal}) -- null for a whole file leaves out all of it
    )
    select f.id::text, f.repository_id as "repositoryId", f.path, f.language, n.ordinal, n.cosine::float4 as cosine
    from (
      select file_id, ordinal, cosine, max(cosine) over file as best,
        row_number() over (file order by cosine desc, ordinal) as place
      from near where cosine >= ${LEAST_COSINE} window file as (partition by file_id)
    ) n
    join code_files f on f.project_id = ${projectId} and f.id = n.file_id
    where n.place <= ${PLACES_PER_FILE}
    order by n.best desc, f.path, f.id, n.place limit ${files * PLACES_PER_FILE}`.execute(database.db);
  const byFile = new Map<string, NearRow[]>();
  for (const row of rows) byFile.set(row.id, [...(byFile.get(row.id) ?? []), row]);
  return [...byFile.values()].flatMap((places) => {
    const [best] = places;
    if (best === undefined) return [];
    const { id, repositoryId, path, language, cosine: score } = best;
    return {
      id,
      repositoryId,
      path,
      language,
      score,
      chunks: places.map((p) => ({ ordinal: p.ordinal, score: p.cosine })),
    };
  });
}

interface NearRow {
  readonly id: string;
  readonly repositoryId: string;
  readonly path: string;
  readonly language: string | null;
  readonly ordinal: number;
  readonly cosine: number;
}
