// Embeddings from a local Ollama server, for those who want a larger model than the bundled one.
import type { OllamaConfig } from '../config.js';
import type { Embedder, FileText, FileVectors } from './embedder.js';
import { OllamaClient } from './ollama-client.js';
import { normalise, normalisedMean } from './vector.js';

interface Prefixes {
  readonly document: string;
  readonly query: string;
}

/** What a model was trained to see before each text, by the start of its name. */
const PREFIXES: readonly (readonly [string, Prefixes])[] = [
  ['nomic-embed-text', { document: 'search_document: ', query: 'search_query: ' }],
];
const NO_PREFIXES: Prefixes = { document: '', query: '' };

export class OllamaEmbedder implements Embedder {
  readonly provider = 'ollama';
  readonly model: string;
  readonly dimensions: number;
  private readonly client: OllamaClient;
  private readonly prefixes: Prefixes;

  private constructor(client: OllamaClient, dimensions: number) {
    this.client = client;
    this.model = client.model;
    this.dimensions = dimensions;
    this.prefixes = PREFIXES.find(([name]) => client.model.startsWith(name))?.[1] ?? NO_PREFIXES;
  }

  /** Asks the server for one vector: its length is the model's dimensions. Throws `embedder_unavailable`. */
  static async open(config: OllamaConfig): Promise<OllamaEmbedder> {
    const client = new OllamaClient(config);
    const [probe] = await client.embed(['dimensions']);
    return new OllamaEmbedder(client, probe?.length ?? 0);
  }

  async embedFiles(files: readonly FileText[], signal?: AbortSignal): Promise<readonly FileVectors[]> {
    const { document } = this.prefixes;
    const texts = files.flatMap(({ path, chunks }) => [path, ...chunks.map((chunk) => `${path}\n${chunk}`)]);
    const vectors = await this.embed(
      texts.map((text) => document + text),
      signal,
    );
    let next = 0;
    return files.map((file) => {
      const [path, ...chunks] = vectors.slice(next, next + file.chunks.length + 1) as [Float32Array, ...Float32Array[]];
      next += file.chunks.length + 1;
      return { chunks, path, file: normalisedMean(chunks, this.dimensions) };
    });
  }

  async embedQuery(text: string, signal?: AbortSignal): Promise<Float32Array> {
    const [vector] = await this.embed([this.prefixes.query + text], signal);
    return vector as Float32Array;
  }

  rarity(): number {
    return 0;
  }

  private async embed(texts: readonly string[], signal: AbortSignal | undefined): Promise<readonly Float32Array[]> {
    const vectors = await this.client.embed(texts, { dimensions: this.dimensions, signal });
    return vectors.map((vector) => normalise(Float32Array.from(vector)));
  }
}
