// Evidence → named signals of one file, each a number that grows with the file's claim to be the answer. Pure.
import { terms } from '../lexical/terms.js';
import type { Evidence } from './evidence.js';
import { hasRole, ROLE_NAMES, type Role, stemOf } from './path-kind.js';
import type { Query } from './query.js';

/** Okapi BM25: saturation of a term's frequency, and how much length counts. */
const K1 = 1.2;
const B = 0.6;

/** Signals without a natural unit, divided by their standard deviation over the candidates before they are weighed. */
export const SCALED_SIGNALS = [
  'bm25_chunk',
  'bm25_top3',
  'bm25_file',
  'cosine_chunk',
  'cosine_top3',
  'cosine_file',
  'cosine_path',
] as const;

/** Signals between 0 and 1 (log_chunks a little above). */
export const PLAIN_SIGNALS = [
  /** Share of the query's words in the file, by idf. */
  'coverage',
  /** Share of the query's words in the file's name, by idf; of the name's words in the query; of the query's words in the path. */
  'query_in_name',
  'name_in_query',
  'query_in_path',
  'name_is_query',
  /** A symbol that the query names is defined here; one that its neighbouring words would make. */
  'defines_symbol',
  'defines_compound',
  /** Share of the query's words, by idf, in names defined here. */
  'defines_words',
  'log_chunks',
] as const;

export type SignalName = (typeof SCALED_SIGNALS)[number] | (typeof PLAIN_SIGNALS)[number] | Role;
export const SIGNAL_NAMES: readonly SignalName[] = [...SCALED_SIGNALS, ...PLAIN_SIGNALS, ...ROLE_NAMES];
export type Signals = Readonly<Record<SignalName, number>>;

/** What one chunk has to say for itself, to choose the places to show. */
export interface ChunkSignals {
  readonly bm25: number;
  readonly cosine: number;
  readonly defines: boolean;
}

export interface FileSignals {
  readonly evidence: Evidence;
  readonly signals: Signals;
  readonly chunks: readonly ChunkSignals[];
}

/** Statistics of the scope that BM25 needs. */
export interface Collection {
  readonly files: number;
  /** Term → number of files that have it. */
  readonly documentFrequencies: ReadonlyMap<string, number>;
}

export function allSignals(query: Query, collection: Collection, files: readonly Evidence[]): readonly FileSignals[] {
  const lengths = files.flatMap((file) => file.postings.chunkLengths);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const context: Context = {
    query,
    idf: (term) => {
      const df = collection.documentFrequencies.get(term) ?? 0;
      return Math.log(1 + (collection.files - df + 0.5) / (df + 0.5));
    },
    meanChunk: total / Math.max(1, lengths.length),
    meanFile: total / Math.max(1, files.length),
  };
  return files.map((file) => fileSignals(context, file));
}

interface Context {
  readonly query: Query;
  readonly idf: (term: string) => number;
  readonly meanChunk: number;
  readonly meanFile: number;
}

function fileSignals(context: Context, evidence: Evidence): FileSignals {
  const { query, idf } = context;
  const { chunkLengths, frequencies } = evidence.postings;
  const bm25 = bm25Scores(context, evidence);
  const defines = (names: readonly string[]): number[] =>
    names.flatMap((n) => frequencies.get(n) ?? []).map((f) => f.chunk);
  const definingChunks = new Set([...defines(query.symbols), ...defines(query.compounds)]);
  const cosines = evidence.cosines?.chunks ?? [];
  const name = new Set(terms(stemOf(evidence.path)));
  const path = new Set(terms(evidence.path));
  const words = query.words;
  const share = (has: (word: string, i: number) => boolean): number => weightedShare(words, idf, has);
  const roles = Object.fromEntries(ROLE_NAMES.map((role) => [role, hasRole(role, evidence.path) ? 1 : 0]));
  return {
    evidence,
    signals: {
      ...(roles as Record<Role, number>),
      bm25_chunk: Math.max(0, ...bm25.chunks),
      bm25_top3: meanOfBest(bm25.chunks),
      bm25_file: bm25.file,
      cosine_chunk: Math.max(0, ...cosines),
      cosine_top3: meanOfBest(cosines),
      cosine_file: evidence.cosines?.file ?? 0,
      cosine_path: evidence.cosines?.path ?? 0,
      coverage: share((word) => frequencies.has(word)),
      query_in_name: share((word) => name.has(word)),
      name_in_query:
        name.size === 0 ? 0 : [...name].filter((w) => words.includes(w) || query.joined.includes(w)).length / name.size,
      query_in_path: share((word) => path.has(word)),
      name_is_query: squash(stemOf(evidence.path)) === squash(query.text) ? 1 : 0,
      defines_symbol: defines(query.symbols).length > 0 ? 1 : 0,
      defines_compound: defines(query.compounds).length > 0 ? 1 : 0,
      defines_words: share((_, i) => frequencies.has(query.definitionWords[i] ?? '')),
      log_chunks: Math.log10(1 + chunkLengths.length),
    },
    chunks: chunkLengths.map((_, i) => ({
      bm25: bm25.chunks[i] ?? 0,
      cosine: cosines[i] ?? 0,
      defines: definingChunks.has(i),
    })),
  };
}

/** BM25 of each chunk and of the file as one document. */
function bm25Scores(context: Context, { postings }: Evidence): { chunks: number[]; file: number } {
  const { chunkLengths, frequencies } = postings;
  const chunks = chunkLengths.map(() => 0);
  const fileLength = chunkLengths.reduce((sum, length) => sum + length, 0);
  let file = 0;
  for (const term of [...context.query.words, ...context.query.joined]) {
    const found = frequencies.get(term);
    if (found === undefined) continue;
    const idf = context.idf(term);
    let inFile = 0;
    for (const { chunk, count } of found) {
      chunks[chunk] = (chunks[chunk] ?? 0) + idf * saturate(count, (chunkLengths[chunk] ?? 0) / context.meanChunk);
      inFile += count;
    }
    file += idf * saturate(inFile, fileLength / context.meanFile);
  }
  return { chunks, file };
}

function saturate(count: number, relativeLength: number): number {
  return (count * (K1 + 1)) / (count + K1 * (1 - B + B * relativeLength));
}

function weightedShare(
  words: readonly string[],
  idf: (w: string) => number,
  has: (w: string, i: number) => boolean,
): number {
  let all = 0;
  let found = 0;
  for (const [i, word] of words.entries()) {
    const weight = idf(word);
    all += weight;
    if (has(word, i)) found += weight;
  }
  return all === 0 ? 0 : found / all;
}

function meanOfBest(values: readonly number[]): number {
  const best = [...values].sort((a, b) => b - a).slice(0, 3);
  return best.length === 0 ? 0 : best.reduce((sum, value) => sum + value, 0) / best.length;
}

/** Letters and digits only, lower case: the form in which all spellings of a name are equal. */
function squash(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}
