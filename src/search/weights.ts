// The weights of the ranker: one table per kind of query, learned by `npm run bench -- relevance fit` (listwise softmax over
// the shared benchmark; see docs/relevance.md), never by hand against single questions.
import type { QueryKind } from './query.js';
import type { SignalName } from './signals.js';

type Weights = Readonly<Record<SignalName, number>>;

const QUESTION: Weights = {
  bm25_chunk: 0.35,
  bm25_file: 0,
  cosine_chunk: 0.51,
  cosine_file: 0.68,
  cosine_path: 0.16,
  coverage: 0.22,
  query_in_path: 1.18,
  name_near_query: 1.87,
  query_near_name: 1.91,
  name_is_query: 0.73,
  defines_symbol: 1.35,
  defines_words: 1.51,
  log_chunks: 1.25,
  depth: -2.86,
  test: -2.11,
  example: -1.03,
  vendored: -0.82,
  generated: -0.7,
  prose: -0.94,
  data: -0.42,
  entry: 0.91,
  declaration: -0.3,
};

const SYMBOL: Weights = {
  bm25_chunk: 0.77,
  bm25_file: 0.26,
  cosine_chunk: 0,
  cosine_file: 0.22,
  cosine_path: 0.25,
  coverage: 0.26,
  query_in_path: 0.8,
  name_near_query: 1.85,
  query_near_name: 0.92,
  name_is_query: 1.21,
  defines_symbol: 2.64,
  defines_words: 1.26,
  log_chunks: 1.95,
  depth: -2.61,
  test: -1.51,
  example: -1.01,
  vendored: -0.77,
  generated: -0.7,
  prose: -0.56,
  data: -0.23,
  entry: 1.62,
  declaration: -0.3,
};

export const WEIGHTS: Readonly<Record<QueryKind, Weights>> = {
  question: QUESTION,
  symbol: SYMBOL,
  path: SYMBOL,
};

/** What makes one chunk of a file the place to show; by hand, because the benchmark's answers are whole files. */
export const CHUNK_WEIGHTS = { bm25: 0.5, cosine: 0.5, defines: 2 } as const;
