// The provider interface: texts → vectors. Providers differ in where the model runs, not in what they are asked.

/** A file as the embedder sees it: its path relative to the repository and the text of its chunks, in order. */
export interface FileText {
  readonly path: string;
  readonly chunks: readonly string[];
}

/**
 * Vectors of `dimensions` floats: one per chunk (path words included), one for the whole file, one for its path. Their
 * length is 1, or 0 for a text that says nothing to the model: compare them by inner product, which is defined for both.
 */
export interface FileVectors {
  readonly chunks: readonly Float32Array[];
  readonly file: Float32Array;
  readonly path: Float32Array;
}

export interface Embedder {
  /** `static`, `model2vec` or `ollama`. */
  readonly provider: string;
  readonly model: string;
  readonly dimensions: number;
  embedFiles(files: readonly FileText[], signal?: AbortSignal): Promise<readonly FileVectors[]>;
  /** Vector of a question, of length 1 or 0 as above. */
  embedQuery(text: string, signal?: AbortSignal): Promise<Float32Array>;
  /** How many words the model thinks more common than this lower-case one; Infinity for none of its words, 0 where it cannot tell. */
  rarity(word: string): number;
}
