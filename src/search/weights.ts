// The weights of the ranker: one table per kind of query, learned by `npm run bench -- relevance fit` (listwise softmax over
// the shared benchmark; see docs/relevance.md), never by hand against single questions.
import type { QueryKind } from './query.js';
import type { SignalName } from './signals.js';

type Weights = Readonly<Record<SignalName, number>>;

const QUESTION: Weights = {
  bm25_chunk: 0.36,
  bm25_file: 0,
  cosine_chunk: 0.51,
  cosine_file: 0.69,
  cosine_path: 0.15,
  coverage: 0.23,
  query_in_path: 1.23,
  name_near_query: 1.83,
  query_near_name: 2.04,
  name_is_query: 0.74,
  defines_symbol: 1.38,
  defines_words: 1.46,
  log_chunks: 1.2,
  depth: -2.28,
  test: -1.99,
  example: -1.02,
  vendored: -0.85,
  generated: -0.7,
  prose: -0.95,
  data: -0.46,
  entry: 0.87,
  declaration: -0.31,
};

const SYMBOL: Weights = {
  bm25_chunk: 0.78,
  bm25_file: 0.29,
  cosine_chunk: 0,
  cosine_file: 0.14,
  cosine_path: 0.25,
  coverage: 0.26,
  query_in_path: 0.84,
  name_near_query: 1.82,
  query_near_name: 0.97,
  name_is_query: 1.22,
  defines_symbol: 2.67,
  defines_words: 1.25,
  log_chunks: 1.87,
  depth: -2.21,
  test: -1.42,
  example: -1.01,
  vendored: -0.78,
  generated: -0.7,
  prose: -0.56,
  data: -0.26,
  entry: 1.58,
  declaration: -0.31,
};

export const WEIGHTS: Readonly<Record<QueryKind, Weights>> = {
  question: QUESTION,
  symbol: SYMBOL,
  path: SYMBOL,
};

/** What makes one chunk of a file the place to show; by hand, because the benchmark's answers are whole files. */
export const CHUNK_WEIGHTS = { bm25: 0.5, cosine: 0.5, defines: 2 } as const;
