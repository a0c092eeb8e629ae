// The read flow: query → candidate files from the legs → evidence → signals → rank → places → packed results.
import type { ProjectDatabase } from '../database/database.js';
import type { Embedder } from '../embedding/embedder.js';
import { CodebaseError } from '../errors.js';
import type { SearchResult } from '../service.js';
import { countFiles, fuse, lexicalLeg, vectorLegs } from './candidates.js';
import { gatherEvidence, type VectorQuery } from './evidence.js';
import { databaseState, type FileCache } from './file-cache.js';
import { type Detail, pack } from './pack.js';
import { readPlaces } from './places.js';
import { parseQuery, type Query } from './query.js';
import { rank } from './rank.js';
import { passingFilters, type Scope } from './scope.js';
import { SearchedFiles } from './searched-files.js';
import { allSignals, type FileSignals } from './signals.js';
import { type Correction, correctSpelling } from './spelling.js';

export interface SearchTools {
  readonly database: ProjectDatabase;
  readonly embedder: Embedder;
  readonly files: FileCache;
}

export interface Found {
  readonly results: readonly SearchResult[];
  /** Size of what was searched, filters applied. */
  readonly files: number;
  readonly chunks: number;
  readonly filesLeftOut: number;
  readonly notes: readonly string[];
}

export interface Limits {
  readonly limit: number;
  readonly maxTokens: number;
  readonly detail: Detail;
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
  const { embedder, database } = tools;
  const spelled = await correctSpelling(
    text,
    (word) => embedder.rarity(word),
    (terms) => countFiles(database.db, scope, terms),
  );
  const query = parseQuery(spelled.text);
  const { files, notes, size } = await judge(tools, scope, query, limits.signal);
  const best = rank(query.kind, files, limits.limit);
  limits.signal?.throwIfAborted();
  const places = await readPlaces(tools.database.db, scope.projectId, best, repositories, limits.explain);
  const answer = pack(places, limits.maxTokens, limits.detail);
  return { ...answer, ...size, notes: [...spelled.corrections.map(correctionNote), ...notes, ...answer.notes] };
}

export interface Judged {
  readonly files: readonly FileSignals[];
  readonly notes: readonly string[];
  readonly size: Pick<Found, 'files' | 'chunks' | 'filesLeftOut'>;
}

/** Files of one name that a path leads to at most: others have their names too. */
const CALLED_FILES = 20;
const UNHEARD = 'No file that was searched has a word of the question: what is found is only near in meaning.';

/** The candidate files of a query with their signals, unranked: what the ranker sees, and what its weights are fitted on. */
export async function judge(tools: SearchTools, scope: Scope, query: Query, signal?: AbortSignal): Promise<Judged> {
  const { db } = tools.database;
  const { snapshot, modelId, filesLeftOut } = await databaseState(tools.database, tools.embedder, scope);
  const vectors = await vectorQuery(tools, modelId, query, signal);
  const model = vectors.query?.model ?? null;
  const repositories = await tools.files.read(db, scope.projectId, scope.repositoryIds, model, snapshot);
  const passing = await passingFilters(repositories, scope, signal);
  signal?.throwIfAborted();
  const searched = new SearchedFiles(repositories, passing, vectors.query?.vector ?? null);
  const size = { ...searched.size(), filesLeftOut };
  const terms = [...query.words, ...query.joined, ...query.symbols, ...query.compounds];
  const lexical = await lexicalLeg(db, scope, searched, terms, size.files);
  const called = query.path === null ? [] : searched.called(query.path, CALLED_FILES);
  const ids = fuse([called, lexical.files, ...vectorLegs(searched)]);
  const wanted = { terms: [...terms, ...query.definitionWords], phrase: query.phrase, vectors: vectors.query };
  const evidence = await gatherEvidence(db, scope.projectId, tools.files.evidence, searched, ids, wanted);
  const collection = { files: size.files, documentFrequencies: lexical.documentFrequencies };
  const unheard = terms.length > 0 && size.files > 0 && lexical.files.length === 0 ? [UNHEARD] : [];
  return { files: allSignals(query, collection, evidence), notes: [...unheard, ...vectors.notes], size };
}

/** The query's vector, or why the vector leg is off: words alone still find a lot. */
async function vectorQuery(
  { embedder }: SearchTools,
  modelId: number | null,
  query: Query,
  signal: AbortSignal | undefined,
): Promise<{ query: VectorQuery | null; notes: readonly string[] }> {
  const { provider, model } = embedder;
  if (modelId === null) {
    return {
      query: null,
      notes: [
        `Nothing is indexed with ${provider} ${model}: searched by words only; index again to search by meaning.`,
      ],
    };
  }
  try {
    const vector = await embedder.embedQuery(query.text, signal);
    return { query: { model: { id: modelId, dimensions: embedder.dimensions }, vector }, notes: [] };
  } catch (error) {
    if (!(error instanceof CodebaseError) || error.code !== 'embedder_unavailable') throw error;
    return { query: null, notes: [`Searched by words only: ${error.message}`] };
  }
}

function correctionNote({ typed, meant }: Correction): string {
  return `Nothing here is called “${typed}”: searched for “${meant}” instead.`;
}
