// Text → token numbers of the bundled model. A single pass over character codes, and every word is cut only once, so
// that tokenising costs little beside reading the file.

const MAX_WORD = 24;
const MAX_NUMBER = 4;
const MAX_PIECE = 20;
/** A word whose pieces are shorter than this on average is left out: they would only look like other words. */
const MIN_MEAN_PIECE = 4;
/** Price of a piece beside 1, by its length: short pieces say little. */
const PIECE_PENALTY = [0, 0.6, 0.3, 0.1];
/** Words whose tokens are remembered, and slots of the table they are found in: a power of two, a quarter full at most. */
const CACHE_SIZE = 65_536;
const SLOTS = 262_144;

const NONE = 0;
const UPPER = 1;
const LOWER = 2;
const DIGIT = 3;
const KIND = characterKinds();

/** Counts of the tokens of a text, kept for reuse: `tokens` are the distinct ones, `counts` is indexed by token. */
export class TokenBag {
  readonly tokens: number[] = [];
  readonly counts: Uint32Array;

  constructor(vocabularySize: number) {
    this.counts = new Uint32Array(vocabularySize);
  }

  add(token: number, count: number): void {
    const before = this.counts[token] ?? 0;
    if (before === 0) this.tokens.push(token);
    this.counts[token] = before + count;
  }

  addAll(other: TokenBag): void {
    for (const token of other.tokens) this.add(token, other.counts[token] ?? 0);
  }

  clear(): void {
    for (const token of this.tokens) this.counts[token] = 0;
    this.tokens.length = 0;
  }
}

/** Word → its tokens. Found in the text itself: to cut out every word and look it up in a Map took twice as long. */
class WordCache {
  private readonly slots = new Int32Array(SLOTS).fill(-1);
  private readonly words: string[] = [];
  private readonly tokens: (readonly number[])[] = [];

  find(text: string, start: number, end: number): readonly number[] | undefined {
    for (let slot = hash(text, start, end); ; slot = (slot + 1) & (SLOTS - 1)) {
      const entry = this.slots[slot] as number;
      if (entry < 0) return undefined;
      if (isAt(this.words[entry] as string, text, start, end)) return this.tokens[entry];
    }
  }

  add(word: string, tokens: readonly number[]): void {
    if (this.words.length >= CACHE_SIZE) this.clear();
    let slot = hash(word, 0, word.length);
    while ((this.slots[slot] as number) >= 0) slot = (slot + 1) & (SLOTS - 1);
    this.slots[slot] = this.words.push(word) - 1;
    this.tokens.push(tokens);
  }

  private clear(): void {
    this.slots.fill(-1);
    this.words.length = 0;
    this.tokens.length = 0;
  }
}

function isAt(word: string, text: string, start: number, end: number): boolean {
  if (word.length !== end - start) return false;
  for (let i = 0; i < word.length; i++) if (word.charCodeAt(i) !== text.charCodeAt(start + i)) return false;
  return true;
}

/** A slot for the word: FNV-1a, its high bits folded in. */
function hash(text: string, start: number, end: number): number {
  let value = 0x811c9dc5;
  for (let at = start; at < end; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return (value ^ (value >>> 15)) & (SLOTS - 1);
}

export class Tokenizer {
  private readonly ids: ReadonlyMap<string, number>;
  private readonly cache = new WordCache();
  private readonly minMeanPiece: number;

  /** `vocabulary`: pieces in the order of their rows, lower case. `minMeanPiece`: training sees words in short pieces too. */
  constructor(vocabulary: readonly string[], minMeanPiece = MIN_MEAN_PIECE) {
    this.minMeanPiece = minMeanPiece;
    this.ids = new Map(vocabulary.map((piece, row) => [piece, row]));
  }

  /** Place of the lower-case word in the vocabulary, which begins with the most common ones. */
  rowOf(word: string): number | undefined {
    return this.ids.get(word);
  }

  /** Add the tokens of `text`, each `weight` times. */
  addTo(bag: TokenBag, text: string, weight = 1): void {
    let at = 0;
    while (at < text.length) {
      const end = wordEnd(text, at);
      if (end === at) {
        at++;
        continue;
      }
      if (end - at <= MAX_WORD) {
        const tokens = this.cache.find(text, at, end) ?? this.remember(text.slice(at, end));
        for (let i = 0; i < tokens.length; i++) bag.add(tokens[i] as number, weight);
      }
      at = end;
    }
  }

  private remember(word: string): readonly number[] {
    // A copy: a slice would keep the text of its whole file in memory.
    const own = Buffer.from(word, 'latin1').toString('latin1');
    const tokens = KIND[own.charCodeAt(0)] === DIGIT ? this.numberTokens(own) : this.wordTokens(own.toLowerCase());
    this.cache.add(own, tokens);
    return tokens;
  }

  /** A number outside the vocabulary stands for its first two digits. */
  private numberTokens(number: string): readonly number[] {
    if (number.length > MAX_NUMBER) return [];
    const id = this.ids.get(number);
    const pieces = id === undefined ? [...number.slice(0, 2)].map((digit) => this.ids.get(digit)) : [id];
    return pieces.filter((piece) => piece !== undefined);
  }

  /** The word itself, or the cheapest way to write it in pieces of the vocabulary; none where they are too short. */
  private wordTokens(word: string): readonly number[] {
    const id = this.ids.get(word);
    if (id !== undefined) return [id];
    const { cost, from } = this.cheapestCuts(word);
    if ((cost[word.length] ?? Infinity) === Infinity) return [];
    const pieces: number[] = [];
    for (let end = word.length; end > 0; end = from[end] ?? 0) {
      const piece = this.ids.get(word.slice(from[end], end));
      if (piece !== undefined) pieces.unshift(piece);
    }
    return word.length >= this.minMeanPiece * pieces.length ? pieces : [];
  }

  private cheapestCuts(word: string): { cost: Float64Array; from: Uint8Array } {
    const cost = new Float64Array(word.length + 1).fill(Infinity);
    const from = new Uint8Array(word.length + 1);
    cost[0] = 0;
    for (let end = 1; end <= word.length; end++) {
      for (let start = Math.max(0, end - MAX_PIECE); start < end; start++) {
        if (!this.ids.has(word.slice(start, end))) continue;
        const total = (cost[start] ?? Infinity) + 1 + (PIECE_PENALTY[end - start] ?? 0);
        if (total >= (cost[end] ?? Infinity)) continue;
        cost[end] = total;
        from[end] = start;
      }
    }
    return { cost, from };
  }
}

/** End of the word that starts here; `start` itself where none does. In HTTPServer the last capital starts a new word. */
function wordEnd(text: string, start: number): number {
  const first = KIND[text.charCodeAt(start)] ?? NONE;
  if (first === NONE) return start;
  const end = runEnd(text, start, first);
  if (first !== UPPER || KIND[text.charCodeAt(end)] !== LOWER) return end;
  return end - start === 1 ? runEnd(text, end, LOWER) : end - 1;
}

function runEnd(text: string, start: number, kind: number): number {
  let end = start + 1;
  while (end < text.length && KIND[text.charCodeAt(end)] === kind) end++;
  return end;
}

function characterKinds(): Uint8Array {
  const kinds = new Uint8Array(128);
  kinds.fill(DIGIT, 48, 58);
  kinds.fill(UPPER, 65, 91);
  kinds.fill(LOWER, 97, 123);
  return kinds;
}
