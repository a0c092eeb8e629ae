// Pairs as token numbers, packed into typed arrays so that a million of them fit in memory and training only reads.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TokenBag, Tokenizer } from '#src/embedding/tokenizer.js';
import { minedPackages } from './jsonl.js';
import { KINDS, type Pair } from './pairs.js';
import { hash } from './spread.js';
import { WordCounter } from './vocabulary.js';

const MAX_COUNT = 65_535;

export interface PackageRange {
  readonly name: string;
  /** Pairs `start` to below `end` are its own. */
  readonly start: number;
  readonly end: number;
}

export interface Dataset {
  readonly vocabulary: readonly string[];
  readonly packages: readonly PackageRange[];
  /**
   * Per pair, from `offsets[pair]`: five lengths, then five lists of (token, count): query, full query, declared name, path, code.
   */
  readonly tokens: Uint16Array;
  readonly offsets: Uint32Array;
  /** Equal for pairs of one file, and for equal queries. */
  readonly files: Int32Array;
  readonly queries: Int32Array;
  /** Index into KINDS. */
  readonly kinds: Uint8Array;
}

export const LISTS = { query: 0, full: 1, name: 2, path: 3, code: 4 } as const;

/** Choose the vocabulary, encode every mined pair with it, and write both into the cache. */
export async function buildDataset(cache: string, log: (line: string) => void): Promise<void> {
  const counter = new WordCounter();
  for await (const mined of minedPackages(cache)) counter.add(mined);
  const vocabulary = counter.vocabulary();
  log(`vocabulary ${vocabulary.length}`);
  const encoder = new PairEncoder(vocabulary);
  const packages: PackageRange[] = [];
  for await (const { name, pairs } of minedPackages(cache)) {
    const start = encoder.size;
    for (const pair of pairs) encoder.add(name, pair);
    packages.push({ name, start, end: encoder.size });
  }
  log(`pairs ${encoder.size} of ${packages.length} packages`);
  await writeFile(join(cache, 'dataset.json'), JSON.stringify({ vocabulary, packages }));
  for (const [name, array] of Object.entries(encoder.arrays())) await writeFile(join(cache, `dataset.${name}`), array);
}

export async function readDataset(cache: string): Promise<Dataset> {
  const { vocabulary, packages } = JSON.parse(await readFile(join(cache, 'dataset.json'), 'utf8')) as Dataset;
  const bytes = async (name: string) => new Uint8Array(await readFile(join(cache, `dataset.${name}`))).buffer;
  return {
    vocabulary,
    packages,
    tokens: new Uint16Array(await bytes('tokens')),
    offsets: new Uint32Array(await bytes('offsets')),
    files: new Int32Array(await bytes('files')),
    queries: new Int32Array(await bytes('queries')),
    kinds: new Uint8Array(await bytes('kinds')),
  };
}

class PairEncoder {
  private readonly tokenizer: Tokenizer;
  private readonly bag: TokenBag;
  private tokens = new Uint16Array(1 << 24);
  private used = 0;
  private readonly offsets: number[] = [];
  private readonly files: number[] = [];
  private readonly queries: number[] = [];
  private readonly kinds: number[] = [];

  constructor(vocabulary: readonly string[]) {
    this.tokenizer = new Tokenizer(vocabulary, 0);
    this.bag = new TokenBag(vocabulary.length);
  }

  get size(): number {
    return this.offsets.length;
  }

  /** A pair whose query or code has no token is left out. */
  add(packageName: string, pair: Pair): void {
    const lists = [pair.query, pair.full, pair.name, pair.path, pair.code].map((text) => this.list(text));
    if (lists[LISTS.query]?.length === 0 || lists[LISTS.code]?.length === 0) return;
    this.offsets.push(this.used);
    this.files.push(hash(`${packageName}\0${pair.path}`) | 0);
    this.queries.push(hash(pair.query.toLowerCase()) | 0);
    this.kinds.push(KINDS.indexOf(pair.kind));
    this.append(lists.map((list) => list.length / 2));
    for (const list of lists) this.append(list);
  }

  arrays(): Record<string, NodeJS.ArrayBufferView> {
    return {
      tokens: this.tokens.subarray(0, this.used),
      offsets: Uint32Array.from(this.offsets),
      files: Int32Array.from(this.files),
      queries: Int32Array.from(this.queries),
      kinds: Uint8Array.from(this.kinds),
    };
  }

  private list(text: string): number[] {
    this.bag.clear();
    this.tokenizer.addTo(this.bag, text);
    return this.bag.tokens.flatMap((token) => [token, Math.min(MAX_COUNT, this.bag.counts[token] ?? 0)]);
  }

  private append(numbers: readonly number[]): void {
    if (this.used + numbers.length > this.tokens.length) {
      const larger = new Uint16Array(this.tokens.length * 2);
      larger.set(this.tokens);
      this.tokens = larger;
    }
    this.tokens.set(numbers, this.used);
    this.used += numbers.length;
  }
}
