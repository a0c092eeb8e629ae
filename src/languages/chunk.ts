// What the chunker returns.

/** A run of whole lines. The chunks of a file cover each of its lines exactly once, in order. */
export interface Chunk {
  /** 1-based, inclusive. */
  readonly startLine: number;
  readonly endLine: number;
  readonly text: string;
  /** Name of the symbol that the chunk is, or is part of; null for loose code. */
  readonly symbol: string | null;
  /** function, method, class, … from the language table; null for loose code. */
  readonly kind: string | null;
  /** Names of the enclosing symbols, outermost first. */
  readonly parents: readonly string[];
  /** Names of all symbols whose definition starts in this chunk. */
  readonly definitions: readonly string[];
}

export interface ChunkedFile {
  /** Name in the language table; null for a text file of no known language. */
  readonly language: string | null;
  readonly chunks: readonly Chunk[];
  /** `syntax`: cut at the syntax tree; `patterns`: at lines where definitions begin; otherwise why line windows were used. */
  readonly mode: 'syntax' | 'patterns' | 'no-grammar' | 'parse-failed' | 'parse-limit' | 'long-lines';
}
