// Evidence → named signals of one file, each a number that grows with the file's claim to be the answer. Pure.
import type { Postings } from '../lexical/postings.js';
import type { Evidence } from './evidence.js';
import { nearest } from './name-match.js';
import { squash } from './path-facts.js';
import { asksFor, ROLE_NAMES, type Role } from './path-kind.js';
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

/** What the chunks of a file have to say for themselves, to choose the places to show. */
export interface ChunkSignals {
  /** By ordinal. */
  readonly bm25: readonly number[];
  /** By ordinal; empty when the vector leg is off. */
  readonly cosine: Float32Array;
  /** Ordinals of those that define a symbol that the query names. */
  readonly defining: ReadonlySet<number>;
  /** Ordinals of those that have what the query quotes. */
  readonly quoting: ReadonlySet<number>;
}

export interface FileSignals {
  readonly evidence: Evidence;
  readonly signals: Signals;
  readonly chunks: ChunkSignals;
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
    roles: new Set(ROLE_NAMES.filter((role) => !asksFor(role, query.words))),
    depths: files.map(({ facts }) => facts.depth).sort((a, b) => a - b),
    asked: [...query.words, ...query.joined],
    name: squash(query.text),
  };
  return files.map((file) => fileSignals(context, file));
}

interface Context {
  readonly query: Query;
  readonly idf: (term: string) => number;
  readonly meanChunk: number;
  readonly meanFile: number;
  /** Roles that count: those that the query does not ask for. */
  readonly roles: ReadonlySet<Role>;
  /** How many directories each candidate lies in, ascending. */
  readonly depths: readonly number[];
  /** What a file's name is compared with: the query's words, and all of it squashed. */
  readonly asked: readonly string[];
  readonly name: string;
}

const NO_COSINES = new Float32Array();

function fileSignals(context: Context, evidence: Evidence): FileSignals {
  const { query, idf, asked, roles, depths } = context;
  const { facts, postings, quoting } = evidence;
  const { chunkLengths, frequencies } = postings;
  const { words } = query;
  const bm25 = bm25Scores(context, evidence);
  const cosines = evidence.cosines?.chunks ?? NO_COSINES;
  const defining = chunksWith(frequencies, query.symbols);
  const share = (has: (word: string, i: number) => boolean): number =>
    weighted(words, idf, (word, i) => (has(word, i) ? 1 : 0));
  const role = (name: Role): number => (roles.has(name) && facts.roles.has(name) ? 1 : 0);
  return {
    evidence,
    // One literal that has every name: an object put together from parts took longer than all that is computed here.
    signals: {
      bm25_chunk: largest(bm25.chunks),
      bm25_file: bm25.file,
      cosine_chunk: largest(cosines),
      cosine_file: evidence.cosines?.file ?? 0,
      cosine_path: evidence.cosines?.path ?? 0,
      coverage: share((word) => frequencies.has(word)),
      query_in_path: share((word) => facts.terms.has(word)),
      name_near_query: mean(facts.nameTerms.map((word) => nearest(word, asked))),
      query_near_name: weighted(words, idf, (word) => nearest(word, facts.nameTerms)),
      name_is_query: facts.name === context.name ? 1 : 0,
      path_is_query: query.path !== null && endsIn(evidence.path, query.path) ? 1 : 0,
      defines_symbol: defining.length > 0 ? 1 : 0,
      defines_words: share((_, i) => frequencies.has(query.definitionWords[i] ?? '')),
      phrase: quoting.length > 0 ? 1 : 0,
      log_chunks: Math.log10(1 + chunkLengths.length),
      depth: (depths.indexOf(facts.depth) + depths.lastIndexOf(facts.depth) + 1) / (2 * depths.length),
      test: role('test'),
      example: role('example'),
      vendored: role('vendored'),
      generated: role('generated'),
      prose: role('prose'),
      data: role('data'),
      entry: role('entry'),
      declaration: role('declaration'),
    },
    chunks: {
      bm25: bm25.chunks,
      cosine: cosines,
      defining: new Set([...defining, ...chunksWith(frequencies, query.compounds)]),
      quoting: new Set(quoting),
    },
  };
}

/** Ordinals of the chunks that have one of the terms. */
function chunksWith(frequencies: Postings['frequencies'], terms: readonly string[]): readonly number[] {
  return terms.flatMap((term) => frequencies.get(term) ?? []).map(({ chunk }) => chunk);
}

/** 0 when there is none above. */
function largest(values: Iterable<number>): number {
  let most = 0;
  for (const value of values) if (value > most) most = value;
  return most;
}

/** BM25 of each chunk and of the file as one document. */
function bm25Scores(context: Context, { postings }: Evidence): { chunks: number[]; file: number } {
  const { chunkLengths, frequencies } = postings;
  const chunks = chunkLengths.map(() => 0);
  const fileLength = chunkLengths.reduce((sum, length) => sum + length, 0);
  let file = 0;
  for (const term of context.asked) {
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
