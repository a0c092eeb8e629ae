// Evidence → named signals of one file, each a number that grows with the file's claim to be the answer. Pure.
import { terms } from '../lexical/terms.js';
import type { Evidence } from './evidence.js';
import { nearest } from './name-match.js';
import { asksFor, hasRole, ROLE_NAMES, type Role, stemOf } from './path-kind.js';
import type { Query } from './query.js';
import { endsIn } from './searched-files.js';

/** Okapi BM25: saturation of a term's frequency, and how much length counts. */
const K1 = 1.2;
const B = 0.6;

/** Signals without a natural unit, divided by their standard deviation over the candidates before they are weighed. */
export const SCALED_SIGNALS = ['bm25_chunk', 'bm25_file', 'cosine_chunk', 'cosine_file', 'cosine_path'] as const;

/** Signals between 0 and 1 (log_chunks a little above). */
export const PLAIN_SIGNALS = [
  /** Share of the query's words in the file, by idf. */
  'coverage',
  /** Share of the query's words in the path, by idf. */
  'query_in_path',
  /** Nearness (name-match.ts) of the words of the file's name to the query's; of the query's to the name's, by idf. */
  'name_near_query',
  'query_near_name',
  'name_is_query',
  /** The query is the file's path, or the end of it. */
  'path_is_query',
  /** A symbol that the query names is defined here. */
  'defines_symbol',
  /** Share of the query's words, by idf, in names defined here. */
  'defines_words',
  /** What the query has in quotation marks stands here word for word. */
  'phrase',
  'log_chunks',
  /** Share of the candidates that lie in fewer directories, and half of those in as many: what matters lies near the top. */
  'depth',
] as const;

export type SignalName = (typeof SCALED_SIGNALS)[number] | (typeof PLAIN_SIGNALS)[number] | Role;
export const SIGNAL_NAMES: readonly SignalName[] = [...SCALED_SIGNALS, ...PLAIN_SIGNALS, ...ROLE_NAMES];
export type Signals = Readonly<Record<SignalName, number>>;

/** What one chunk has to say for itself, to choose the places to show. */
export interface ChunkSignals {
  readonly bm25: number;
  readonly cosine: number;
  readonly defines: boolean;
  readonly quotes: boolean;
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
    roles: ROLE_NAMES.filter((role) => !asksFor(role, query.words)),
    depths: files.map(({ path }) => directories(path)).sort((a, b) => a - b),
  };
  return files.map((file) => fileSignals(context, file));
}

interface Context {
  readonly query: Query;
  readonly idf: (term: string) => number;
  readonly meanChunk: number;
  readonly meanFile: number;
  /** Roles that count: those that the query does not ask for. */
  readonly roles: readonly Role[];
  /** How many directories each candidate lies in, ascending. */
  readonly depths: readonly number[];
}

function fileSignals(context: Context, evidence: Evidence): FileSignals {
  const { query, idf } = context;
  const { chunkLengths, frequencies } = evidence.postings;
  const bm25 = bm25Scores(context, evidence);
  const defines = (names: readonly string[]): number[] =>
    names.flatMap((n) => frequencies.get(n) ?? []).map((f) => f.chunk);
  const definingChunks = new Set([...defines(query.symbols), ...defines(query.compounds)]);
  const cosines = evidence.cosines?.chunks ?? [];
  const share = (has: (word: string, i: number) => boolean): number =>
    weighted(query.words, idf, (w, i) => (has(w, i) ? 1 : 0));
  return {
    evidence,
    signals: {
      ...roleSignals(context, evidence.path),
      bm25_chunk: Math.max(0, ...bm25.chunks),
      bm25_file: bm25.file,
      cosine_chunk: Math.max(0, ...cosines),
      cosine_file: evidence.cosines?.file ?? 0,
      cosine_path: evidence.cosines?.path ?? 0,
      coverage: share((word) => frequencies.has(word)),
      ...nameSignals(context, evidence.path),
      defines_symbol: defines(query.symbols).length > 0 ? 1 : 0,
      defines_words: share((_, i) => frequencies.has(query.definitionWords[i] ?? '')),
      phrase: evidence.quoting.length > 0 ? 1 : 0,
      log_chunks: Math.log10(1 + chunkLengths.length),
    },
    chunks: chunkLengths.map((_, i) => ({
      bm25: bm25.chunks[i] ?? 0,
      cosine: cosines[i] ?? 0,
      defines: definingChunks.has(i),
      quotes: evidence.quoting.includes(i),
    })),
  };
}

function roleSignals({ roles }: Context, path: string): Record<Role, number> {
  const flags = ROLE_NAMES.map((role) => [role, roles.includes(role) && hasRole(role, path) ? 1 : 0]);
  return Object.fromEntries(flags) as Record<Role, number>;
}

type NameSignal = 'query_in_path' | 'name_near_query' | 'query_near_name' | 'name_is_query' | 'path_is_query' | 'depth';

/** What the file's path alone says. */
function nameSignals({ query, idf, depths }: Context, filePath: string): Record<NameSignal, number> {
  const { words } = query;
  const asked = [...words, ...query.joined];
  const name = [...new Set(terms(stemOf(filePath)))];
  const path = new Set(terms(filePath));
  return {
    query_in_path: weighted(words, idf, (word) => (path.has(word) ? 1 : 0)),
    name_is_query: squash(stemOf(filePath)) === squash(query.text) ? 1 : 0,
    path_is_query: query.path !== null && endsIn(filePath, query.path) ? 1 : 0,
    name_near_query: mean(name.map((word) => nearest(word, asked))),
    query_near_name: weighted(words, idf, (word) => nearest(word, name)),
    depth:
      (depths.indexOf(directories(filePath)) + depths.lastIndexOf(directories(filePath)) + 1) / (2 * depths.length),
  };
}

function directories(path: string): number {
  return path.split('/').length - 1;
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

/** Mean of a value over the words, by idf. */
function weighted(
  words: readonly string[],
  idf: (word: string) => number,
  value: (word: string, i: number) => number,
): number {
  let all = 0;
  let sum = 0;
  for (const [i, word] of words.entries()) {
    const weight = idf(word);
    all += weight;
    sum += weight * value(word, i);
  }
  return all === 0 ? 0 : sum / all;
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Letters and digits only, lower case: the form in which all spellings of a name are equal. */
function squash(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}
