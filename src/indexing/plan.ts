// What a run has to look at: pure, from the files found and the files known.
import type { Candidate } from './prepared.js';

/** Bounds of one list of files: what a worker takes at a time and a transaction stores at once. */
const BATCH_FILES = 32;
const BATCH_BYTES = 200_000;

export interface Found {
  readonly path: string;
  readonly size: number;
}

export interface Plan {
  readonly batches: readonly (readonly Candidate[])[];
  /** Files that need no look: git says they are what is stored. */
  readonly unchanged: number;
  /** Paths in the index that are no longer there. */
  readonly removed: readonly string[];
}

/**
 * `known`: path → fingerprint of every file in the index. `current`: path → fingerprint of what is on disk, for the files
 * where that can be told without reading them.
 */
export function plan(
  found: readonly Found[],
  known: ReadonlyMap<string, string | null>,
  current: ReadonlyMap<string, string>,
): Plan {
  const batches: Candidate[][] = [];
  let batch: Candidate[] = [];
  let bytes = 0;
  let unchanged = 0;
  for (const { path, size } of found) {
    const fingerprint = current.get(path);
    if (fingerprint !== undefined && fingerprint === known.get(path)) {
      unchanged++;
      continue;
    }
    if (batch.length === BATCH_FILES || (batch.length > 0 && bytes + size > BATCH_BYTES)) {
      batches.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push({ path, known: known.get(path) ?? null });
    bytes += size;
  }
  if (batch.length > 0) batches.push(batch);
  const there = new Set(found.map((file) => file.path));
  return { batches, unchanged, removed: [...known.keys()].filter((path) => !there.has(path)) };
}
