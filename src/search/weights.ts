// The weights of the ranker: one table per kind of query, learned by `npm run bench -- relevance fit` (listwise softmax over
// the shared benchmark; see docs/relevance.md), never by hand against single questions.
import type { QueryKind } from './query.js';
import type { SignalName } from './signals.js';

type Weights = Readonly<Record<SignalName, number>>;

const QUESTION: Weights = {
  bm25_chunk: 0.35,
  bm25_file: 0.02,
  cosine_chunk: 0.52,
  cosine_file: 0.65,
  cosine_path: 0.16,
  coverage: 0.19,
  query_in_path: 1.19,
  name_near_query: 1.81,
  query_near_name: 2.07,
  name_is_query: 0.74,
  path_is_query: 20,
  defines_symbol: 1.39,
  defines_words: 1.44,
  phrase: 3,
  log_chunks: 1.19,
  depth: -2.3,
  test: -2.21,
  example: -1.02,
  vendored: -0.85,
  generated: -0.7,
  prose: -0.94,
  data: -0.46,
  entry: 0.87,
  declaration: -0.3,
};

const SYMBOL: Weights = {
  bm25_chunk: 0.78,
  bm25_file: 0.31,
  cosine_chunk: 0,
  cosine_file: 0.13,
  cosine_path: 0.26,
  coverage: 0.21,
  query_in_path: 0.82,
  name_near_query: 1.81,
  query_near_name: 0.97,
  name_is_query: 1.22,
  path_is_query: 20,
  defines_symbol: 2.67,
  defines_words: 1.24,
  phrase: 3,
  log_chunks: 1.86,
  depth: -2.23,
  test: -1.49,
  example: -1.01,
  vendored: -0.78,
  generated: -0.7,
  prose: -0.56,
  data: -0.26,
  entry: 1.57,
  declaration: -0.31,
};

export const WEIGHTS: Readonly<Record<QueryKind, Weights>> = {
  question: QUESTION,
  symbol: SYMBOL,
  path: SYMBOL,
};

/** What makes one chunk of a file the place to show; by hand, because the benchmark's answers are whole files. */
export const CHUNK_WEIGHTS = { bm25: 0.5, cosine: 0.5, defines: 2, quotes: 3 } as const;
