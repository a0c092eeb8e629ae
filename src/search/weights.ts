// The weights of the ranker: one table per kind of query.
import type { QueryKind } from './query.js';
import type { SignalName } from './signals.js';

const QUESTION: Readonly<Record<SignalName, number>> = {
  bm25_chunk: 0.3,
  bm25_top3: 0.2,
  bm25_file: 0.4,
  cosine_chunk: 0.5,
  cosine_top3: 0.2,
  cosine_file: 0.6,
  cosine_path: 0.5,
  coverage: 1,
  query_in_name: 1,
  name_in_query: 1,
  query_in_path: 0.3,
  name_is_query: 1,
  defines_symbol: 1.5,
  defines_compound: 1,
  defines_words: 1,
  log_chunks: 0.2,
  test: -1.5,
  example: -1,
  vendored: -0.7,
  generated: -0.7,
  prose: -0.7,
  data: -0.7,
  entry: -0.3,
  declaration: -0.3,
};

const SYMBOL: Readonly<Record<SignalName, number>> = { ...QUESTION, defines_symbol: 4, name_is_query: 2 };

export const WEIGHTS: Readonly<Record<QueryKind, Readonly<Record<SignalName, number>>>> = {
  question: QUESTION,
  symbol: SYMBOL,
  path: SYMBOL,
};
