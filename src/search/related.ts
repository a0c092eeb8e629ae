// Code that is like the code of a place: the places whose vectors are nearest to the place's own. Exact: no index is asked.
import { sql } from 'kysely';
import { CodebaseError } from '../errors.js';
import type { RelatedAnswer } from '../service.js';
import { type ShownFile, showFiles } from './places.js';
import { inScope, type Scope } from './scope.js';
import { type Found, type Limits, packed, type SearchTools } from './search.js';

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

/** Nearest places looked at, for each file that is wanted. */
const PLACES_PER_FILE = 8;
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
  const own = await readPlace(tools, scope.projectId, wanted);
  const near = await nearest(tools, scope, own, limits.limit);
  limits.signal?.throwIfAborted();
  const places = await showFiles(tools.database.db, scope.projectId, near.slice(0, limits.limit), repositories);
  return { ...packed(places, limits), place: own.place, ...(await sizeOf(tools, scope)) };
}

interface OwnPlace {
  readonly place: RelatedAnswer['place'];
  readonly fileId: string;
  /** Null for the whole file. */
  readonly ordinal: number | null;
  readonly modelId: number;
}

async function readPlace(
  { database, embedder }: SearchTools,
  projectId: string,
  { repositoryId, repository, path, line }: Place,
): Promise<OwnPlace> {
  const { provider, model, dimensions } = embedder;
  const { rows } = await sql<Row>`
    select f.id::text as file_id, f.line_count, c.ordinal, c.start_line, c.end_line, c.symbol, c.kind, c.parents, m.id as model_id
    from code_files f
    left join lateral (
      select ordinal, start_line, end_line, symbol, kind, parents from code_chunks
      where project_id = f.project_id and file_id = f.id and start_line <= ${line ?? 0} and end_line >= ${line ?? 0}
      order by end_line - start_line, ordinal limit 1
    ) c on true
    left join embedding_models m on m.provider = ${provider} and m.model = ${model} and m.dimensions = ${dimensions}
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
  if (row.model_id === null) {
    throw new CodebaseError(
      'not_found',
      `${repository} is not indexed with ${provider} ${model}; codebase-mcp index ${repository} does that.`,
    );
  }
  const symbol = row.symbol !== null && row.parents !== null ? `${row.parents}.${row.symbol}` : row.symbol;
  const place = {
    repository,
    path,
    start_line: row.start_line ?? 1,
    end_line: row.end_line ?? row.line_count ?? 1,
    symbol,
    kind: row.kind,
  };
  return { place, fileId: row.file_id, ordinal: row.ordinal, modelId: row.model_id };
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
  readonly model_id: number | null;
}

/** Files with their places that are near, best first. A place is no relative of itself, nor a file of its own parts. */
async function nearest(
  { database }: SearchTools,
  scope: Scope,
  own: OwnPlace,
  files: number,
): Promise<readonly ShownFile[]> {
  const { fileId, ordinal, modelId } = own;
  const vector =
    ordinal === null
      ? sql`select embedding from file_embeddings
            where project_id = ${scope.projectId} and file_id = ${fileId} and model_id = ${modelId} and aspect = 'content'`
      : sql`select embedding from chunk_embeddings
            where project_id = ${scope.projectId} and file_id = ${fileId} and model_id = ${modelId} and ordinal = ${ordinal}`;
  const { rows } = await sql<NearRow>`
    with near as materialized (
      select e.file_id, e.ordinal, 1 - (e.embedding <=> (${vector})) as cosine
      from chunk_embeddings e
      where e.project_id = ${scope.projectId} and e.model_id = ${modelId}
        and e.file_id in (select f.id from code_files f where ${inScope(scope)})
        and (e.file_id <> ${fileId} or e.ordinal <> ${ordinal}) -- null for a whole file leaves out all of it
      order by e.embedding <=> (${vector}) limit ${files * PLACES_PER_FILE}
    )
    select f.id::text, f.repository_id as "repositoryId", f.path, f.language, n.ordinal, n.cosine::float4 as cosine
    from near n join code_files f on f.project_id = ${scope.projectId} and f.id = n.file_id
    where n.cosine >= ${LEAST_COSINE} order by n.cosine desc, f.path, n.ordinal`.execute(database.db);
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

async function sizeOf({ database }: SearchTools, scope: Scope): Promise<{ files: number; chunks: number }> {
  const { rows } = await sql<{ files: number; chunks: number }>`
    select count(*)::int as files, coalesce(sum(chunk_count), 0)::int as chunks from code_files f where ${inScope(scope)}`.execute(
    database.db,
  );
  return rows[0] ?? { files: 0, chunks: 0 };
}
