// Signals → order. One linear ranker; its weights are in weights.ts. Pure.

import { ROLE_NAMES } from './path-kind.js';
import type { QueryKind } from './query.js';
import {
  type FileSignals,
  PLAIN_SIGNALS,
  SCALED_SIGNALS,
  SIGNAL_NAMES,
  type SignalName,
  type Signals,
} from './signals.js';
import { CHUNK_WEIGHTS, WEIGHTS } from './weights.js';

export interface RankedFile {
  readonly file: FileSignals;
  readonly score: number;
  /** What each signal adds to the score. */
  readonly points: Signals;
  /** Chunks of the file, best first. */
  readonly chunks: readonly { readonly ordinal: number; readonly score: number }[];
}

/** The best `limit` files, best first; ties by path, so that the order never depends on the database. */
export function rank(kind: QueryKind, files: readonly FileSignals[], limit: number): readonly RankedFile[] {
  const weights = WEIGHTS[kind];
  const scale = scales(files);
  const factors = SIGNAL_NAMES.map((name) => [name, weights[name] * scale[name]] as const);
  const ranked = files.map((file) => ({ file, score: scoreOf(file.signals, factors) }));
  ranked.sort((a, b) => b.score - a.score || (a.file.evidence.path < b.file.evidence.path ? -1 : 1));
  return ranked.slice(0, limit).map((each) => ({
    ...each,
    points: pointsOf(each.file.signals, factors),
    chunks: rankChunks(each.file, scale),
  }));
}

function rankChunks({ chunks }: FileSignals, scale: Signals): RankedFile['chunks'] {
  const ranked = chunks.bm25.map((bm25, ordinal) => ({
    ordinal,
    score:
      CHUNK_WEIGHTS.bm25 * scale.bm25_chunk * bm25 +
      CHUNK_WEIGHTS.cosine * scale.cosine_chunk * (chunks.cosine[ordinal] ?? 0) +
      (chunks.defining.has(ordinal) ? CHUNK_WEIGHTS.defines : 0) +
      (chunks.quoting.has(ordinal) ? CHUNK_WEIGHTS.quotes : 0),
  }));
  return ranked.sort((a, b) => b.score - a.score || a.ordinal - b.ordinal);
}

/** What each signal is multiplied with. */
type Factors = readonly (readonly [SignalName, number])[];

function scoreOf(signals: Signals, factors: Factors): number {
  let score = 0;
  for (const [name, factor] of factors) score += factor * signals[name];
  return score;
}

function pointsOf(signals: Signals, factors: Factors): Signals {
  return Object.fromEntries(factors.map(([name, factor]) => [name, factor * signals[name]])) as Signals;
}

/** What each signal is divided by, inverted: one over the standard deviation where it has no unit of its own. */
export function scales(files: readonly Pick<FileSignals, 'signals'>[]): Signals {
  const scaled = SCALED_SIGNALS.map((name) => [name, 1 / deviation(files.map((file) => file.signals[name]))]);
  const plain = [...PLAIN_SIGNALS, ...ROLE_NAMES].map((name) => [name, 1]);
  return Object.fromEntries([...scaled, ...plain]) as Signals;
}

/** Standard deviation; 1 where all values are equal, so that nothing is divided by zero. */
function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return variance > 1e-12 ? Math.sqrt(variance) : 1;
}
