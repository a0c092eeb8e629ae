// A file's term frequencies in a few bytes each, so that search computes exact BM25 for its candidate files without
// reading and splitting their text again. Terms are kept as sorted hashes: looking one up is a binary search.
//
// version u8 | chunks varint | length of each chunk varint | terms varint | hashes u32[] | block starts u32[] | lists
// A list is: number of postings, then per posting (gap to the chunk before × 4 + min(count, 4) − 1), and count − 4 where
// that is not negative; varints. There is a block start, relative to the first list, for every BLOCK-th list.
import { ByteWriter, readVarint } from './varint.js';

/** Goes up when the layout changes; `readPostings` refuses other versions. */
export const POSTINGS_VERSION = 1;

const BLOCK = 16;
const FULL = 4;

export interface TermFrequency {
  /** Place of the chunk in the file, from 0. */
  readonly chunk: number;
  readonly count: number;
}

export interface Postings {
  /** Number of terms of each chunk. */
  readonly chunkLengths: readonly number[];
  /** Only terms that occur, of those asked for. */
  readonly frequencies: ReadonlyMap<string, readonly TermFrequency[]>;
}

/** `chunks`: the terms of each chunk as often as they occur. `terms`: the distinct ones. */
export function encodePostings(chunks: readonly (readonly string[])[]): { postings: Buffer; terms: string[] } {
  const counts = countByTerm(chunks);
  const lists = byHash(counts);
  const body = new ByteWriter();
  const starts: number[] = [];
  lists.forEach(({ frequencies }, index) => {
    if (index % BLOCK === 0) starts.push(body.length);
    writeList(body, frequencies);
  });
  const head = new ByteWriter();
  head.byte(POSTINGS_VERSION);
  head.varint(chunks.length);
  for (const chunk of chunks) head.varint(chunk.length);
  head.varint(lists.length);
  for (const { hash } of lists) head.uint32(hash);
  for (const start of starts) head.uint32(start);
  return { postings: Buffer.concat([head.bytes(), body.bytes()]), terms: [...counts.keys()] };
}

/** Frequencies of the wanted terms only; the rest is not decoded. */
export function readPostings(buffer: Buffer, wanted: readonly string[]): Postings {
  if (buffer[0] !== POSTINGS_VERSION) throw new Error(`postings of version ${buffer[0]}, not ${POSTINGS_VERSION}`);
  const cursor = { at: 1 };
  const chunkLengths = Array.from({ length: readVarint(buffer, cursor) }, () => readVarint(buffer, cursor));
  const size = readVarint(buffer, cursor);
  const hashes = cursor.at;
  const starts = hashes + 4 * size;
  const lists = starts + 4 * Math.ceil(size / BLOCK);
  const frequencies = new Map<string, readonly TermFrequency[]>();
  for (const term of wanted) {
    const index = findHash(buffer, hashes, size, hashTerm(term));
    if (index < 0) continue;
    const start = lists + buffer.readUInt32LE(starts + 4 * Math.floor(index / BLOCK));
    frequencies.set(term, readList(buffer, start, index % BLOCK));
  }
  return { chunkLengths, frequencies };
}

function countByTerm(chunks: readonly (readonly string[])[]): Map<string, { chunk: number; count: number }[]> {
  const counts = new Map<string, { chunk: number; count: number }[]>();
  chunks.forEach((terms, chunk) => {
    for (const term of terms) {
      const list = counts.get(term);
      const last = list?.[list.length - 1];
      if (list === undefined) counts.set(term, [{ chunk, count: 1 }]);
      else if (last?.chunk === chunk) last.count++;
      else list.push({ chunk, count: 1 });
    }
  });
  return counts;
}

interface HashedList {
  readonly hash: number;
  readonly frequencies: readonly TermFrequency[];
}

function byHash(counts: ReadonlyMap<string, readonly TermFrequency[]>): readonly HashedList[] {
  const lists = Array.from(counts, ([term, frequencies]) => ({ hash: hashTerm(term), frequencies }));
  lists.sort((a, b) => a.hash - b.hash);
  return lists.some((list, index) => list.hash === lists[index - 1]?.hash) ? mergeEqual(lists) : lists;
}

/** Two terms of one hash share a list with their summed counts: one term in four million files of a thousand terms. */
function mergeEqual(lists: readonly HashedList[]): readonly HashedList[] {
  const merged = new Map<number, Map<number, number>>();
  for (const { hash, frequencies } of lists) {
    const sums = merged.get(hash) ?? new Map<number, number>();
    for (const { chunk, count } of frequencies) sums.set(chunk, (sums.get(chunk) ?? 0) + count);
    merged.set(hash, sums);
  }
  return Array.from(merged, ([hash, sums]) => ({
    hash,
    frequencies: Array.from(sums, ([chunk, count]) => ({ chunk, count })).sort((a, b) => a.chunk - b.chunk),
  }));
}

function writeList(body: ByteWriter, frequencies: readonly TermFrequency[]): void {
  body.varint(frequencies.length);
  let previous = 0;
  for (const { chunk, count } of frequencies) {
    body.varint((chunk - previous) * FULL + Math.min(count, FULL) - 1);
    if (count >= FULL) body.varint(count - FULL);
    previous = chunk;
  }
}

function readList(buffer: Buffer, start: number, skip: number): readonly TermFrequency[] {
  const cursor = { at: start };
  for (let list = 0; list < skip; list++) readFrequencies(buffer, cursor);
  return readFrequencies(buffer, cursor);
}

function readFrequencies(buffer: Buffer, cursor: { at: number }): readonly TermFrequency[] {
  const frequencies: TermFrequency[] = [];
  let chunk = 0;
  for (let left = readVarint(buffer, cursor); left > 0; left--) {
    const head = readVarint(buffer, cursor);
    chunk += Math.floor(head / FULL);
    const count = (head % FULL) + 1;
    frequencies.push({ chunk, count: count === FULL ? FULL + readVarint(buffer, cursor) : count });
  }
  return frequencies;
}

function findHash(buffer: Buffer, hashes: number, size: number, hash: number): number {
  let low = 0;
  let high = size - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = buffer.readUInt32LE(hashes + 4 * middle);
    if (found === hash) return middle;
    if (found < hash) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** FNV-1a over UTF-16 code units, then Murmur's finaliser. */
function hashTerm(term: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < term.length; index++) hash = Math.imul(hash ^ term.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
