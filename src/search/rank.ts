// Signals → order. One linear ranker; its weights are in weights.ts. Pure.

import { ROLE_NAMES } from './path-kind.js';
import type { QueryKind } from './query.js';
import { type FileSignals, PLAIN_SIGNALS, SCALED_SIGNALS, SIGNAL_NAMES, type Signals } from './signals.js';
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
  const ranked = files.map((file) => ({ file, ...judged(file.signals, weights, scale) }));
  ranked.sort((a, b) => b.score - a.score || (a.file.evidence.path < b.file.evidence.path ? -1 : 1));
  return ranked.slice(0, limit).map((each) => ({ ...each, chunks: rankChunks(each.file, scale) }));
}

function rankChunks({ chunks }: FileSignals, scale: Signals): RankedFile['chunks'] {
  const ranked = chunks.map(({ bm25, cosine, defines, quotes }, ordinal) => ({
    ordinal,
    score:
      CHUNK_WEIGHTS.bm25 * scale.bm25_chunk * bm25 +
      CHUNK_WEIGHTS.cosine * scale.cosine_chunk * cosine +
      (defines ? CHUNK_WEIGHTS.defines : 0) +
      (quotes ? CHUNK_WEIGHTS.quotes : 0),
  }));
  return ranked.sort((a, b) => b.score - a.score || a.ordinal - b.ordinal);
}

function judged(signals: Signals, weights: Signals, scale: Signals): Pick<RankedFile, 'score' | 'points'> {
  let score = 0;
  const points = SIGNAL_NAMES.map((name) => {
    const added = weights[name] * signals[name] * scale[name];
    score += added;
    return [name, added] as const;
  });
  return { score, points: Object.fromEntries(points) as Signals };
}

/** What each signal is multiplied with: one over the standard deviation where it has no unit of its own. */
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
