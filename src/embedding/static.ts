// The bundled model, run in this process: a text's vector is the weighted sum of its tokens' rows. No network, no
// download, and fast enough (some tens of microseconds a chunk) that embedding never decides how long indexing takes.
import type { Embedder, FileText, FileVectors } from './embedder.js';
import { loadStaticModel, type StaticModel } from './model-files.js';
import { TokenBag, Tokenizer } from './tokenizer.js';
import { normalise } from './vector.js';

/** How often a path's words count in each of its file's chunks; measured on the relevance benchmark. */
const PATH_WEIGHT = 3;

/** Vectors have length 1, or 0 where the text has no letters or digits. */
export class StaticEmbedder implements Embedder {
  readonly provider = 'static';
  readonly model = 'v1';
  readonly dimensions: number;
  private readonly table: StaticModel;
  private readonly tokenizer: Tokenizer;
  private readonly part: TokenBag;
  private readonly whole: TokenBag;

  private constructor(table: StaticModel) {
    this.dimensions = table.dimensions;
    this.table = table;
    this.tokenizer = new Tokenizer(table.vocabulary);
    this.part = new TokenBag(table.vocabulary.length);
    this.whole = new TokenBag(table.vocabulary.length);
  }

  /** Loads the model that ships in the package, or one of the same layout. */
  static async open(directory?: string): Promise<StaticEmbedder> {
    return new StaticEmbedder(await loadStaticModel(directory));
  }

  async embedFiles(files: readonly FileText[], signal?: AbortSignal): Promise<readonly FileVectors[]> {
    return files.map((file) => {
      signal?.throwIfAborted();
      return this.embedFile(file);
    });
  }

  async embedQuery(text: string): Promise<Float32Array> {
    this.part.clear();
    this.tokenizer.addTo(this.part, text);
    return this.vector(this.part, this.table.queryScale);
  }

  rarity(word: string): number {
    return this.tokenizer.rowOf(word) ?? Infinity;
  }

  private embedFile({ path, chunks }: FileText): FileVectors {
    const { part, whole, tokenizer } = this;
    const { documentScale } = this.table;
    whole.clear();
    const chunkVectors = chunks.map((text) => {
      part.clear();
      tokenizer.addTo(part, text);
      whole.addAll(part);
      tokenizer.addTo(part, path, PATH_WEIGHT);
      return this.vector(part, documentScale);
    });
    tokenizer.addTo(whole, path, PATH_WEIGHT);
    part.clear();
    tokenizer.addTo(part, path);
    return { chunks: chunkVectors, file: this.vector(whole, documentScale), path: this.vector(part, documentScale) };
  }

  private vector(bag: TokenBag, scale: Float32Array): Float32Array {
    const { rows } = this.table;
    const size = this.dimensions;
    const sum = new Float32Array(size);
    for (const token of bag.tokens) {
      const weight = Math.sqrt(bag.counts[token] ?? 0) * (scale[token] ?? 0);
      const row = token * size;
      for (let k = 0; k < size; k++) sum[k] = (sum[k] as number) + weight * (rows[row + k] as number);
    }
    return normalise(sum);
  }
}
