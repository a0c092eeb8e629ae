// The read flow: query → candidate files from the legs → evidence → signals → rank → places → packed results.
import { sql } from 'kysely';
import type { Database } from '../database/database.js';
import { vectorParameter } from '../database/vectors.js';
import type { Embedder } from '../embedding/embedder.js';
import { CodebaseError } from '../errors.js';
import type { SearchResult } from '../service.js';
import { fuse, lexicalLeg, vectorLegs } from './candidates.js';
import { gatherEvidence, type VectorQuery } from './evidence.js';
import { pack } from './pack.js';
import { readPlaces } from './places.js';
import { parseQuery, type Query } from './query.js';
import { rank } from './rank.js';
import { inScope, type Scope } from './scope.js';
import { allSignals, type FileSignals } from './signals.js';

export interface SearchTools {
  readonly database: Database;
  readonly embedder: Embedder;
}

export interface Found {
  readonly results: readonly SearchResult[];
  /** Size of what was searched, filters applied. */
  readonly files: number;
  readonly chunks: number;
  readonly notes: readonly string[];
}

export interface Limits {
  readonly limit: number;
  readonly maxTokens: number;
  readonly explain: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** `repositories`: id → absolute path, for every repository of the scope. */
export async function search(
  tools: SearchTools,
  scope: Scope,
  repositories: ReadonlyMap<string, string>,
  text: string,
  limits: Limits,
): Promise<Found> {
  const query = parseQuery(text);
  const { files, notes, size } = await judge(tools, scope, query, limits.signal);
  const best = rank(query.kind, files, limits.limit);
  limits.signal?.throwIfAborted();
  const places = await readPlaces(tools.database.db, scope.projectId, best, repositories, limits.explain);
  const { results, cut } = pack(places, limits.maxTokens);
  return { results, ...size, notes: [...notes, ...cutNotes(places.length - results.length, cut)] };
}

export interface Judged {
  readonly files: readonly FileSignals[];
  readonly notes: readonly string[];
  readonly size: { readonly files: number; readonly chunks: number };
}

/** The candidate files of a query with their signals, unranked: what the ranker sees, and what its weights are fitted on. */
export async function judge(tools: SearchTools, scope: Scope, query: Query, signal?: AbortSignal): Promise<Judged> {
  const { db } = tools.database;
  const [size, vectors] = await Promise.all([scopeSize(tools.database, scope), vectorQuery(tools, query, signal)]);
  signal?.throwIfAborted();
  const terms = [...query.words, ...query.joined, ...query.symbols, ...query.compounds];
  const lexical = await lexicalLeg(db, scope, terms, size.files);
  const legs = vectors.query === null ? [] : await vectorLegs(db, scope, vectors.query.modelId, vectors.query.vector);
  const ids = fuse([lexical.files, ...legs]);
  const wanted = [...terms, ...query.definitionWords];
  const evidence = await gatherEvidence(db, scope.projectId, ids, wanted, vectors.query);
  const documentFrequencies = new Map(terms.map((term, i) => [term, lexical.documentFrequencies[i] ?? 0]));
  return { files: allSignals(query, { files: size.files, documentFrequencies }, evidence), notes: vectors.notes, size };
}

async function scopeSize(database: Database, scope: Scope): Promise<Judged['size']> {
  const { rows } = await sql<{ files: number; chunks: number }>`
    select count(*)::int as files, coalesce(sum(chunk_count), 0)::int as chunks from code_files f where ${inScope(scope, 'f')}`.execute(
    database.db,
  );
  return rows[0] ?? { files: 0, chunks: 0 };
}

/** The query's vector, or why the vector leg is off: words alone still find a lot. */
async function vectorQuery(
  { database, embedder }: SearchTools,
  query: Query,
  signal: AbortSignal | undefined,
): Promise<{ query: VectorQuery | null; notes: readonly string[] }> {
  const { provider, model, dimensions } = embedder;
  const row = await database.db
    .selectFrom('embedding_models')
    .select('id')
    .where((where) => where.and({ provider, model, dimensions }))
    .executeTakeFirst();
  if (row === undefined) {
    return {
      query: null,
      notes: [
        `Nothing is indexed with ${provider} ${model}: searched by words only; index again to search by meaning.`,
      ],
    };
  }
  try {
    const vector = await embedder.embedQuery(query.text, signal);
    return { query: { modelId: row.id, vector: vectorParameter(database, vector) }, notes: [] };
  } catch (error) {
    if (!(error instanceof CodebaseError) || error.code !== 'embedder_unavailable') throw error;
    return { query: null, notes: [`Searched by words only: ${error.message}`] };
  }
}

function cutNotes(dropped: number, cut: number): string[] {
  const notes: string[] = [];
  if (cut > 0)
    notes.push(`${cut} results show only their first lines to stay within max_tokens; raise it or read the files.`);
  if (dropped > 0) notes.push(`${dropped} further results did not fit into max_tokens.`);
  return notes;
}
