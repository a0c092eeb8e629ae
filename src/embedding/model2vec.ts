// A static embedding model of somebody else's, in the layout of Model2Vec: model.safetensors and tokenizer.json in a directory.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { CodebaseError } from '../errors.js';
import type { Embedder, FileText, FileVectors } from './embedder.js';
import { readSafetensors } from './safetensors.js';
import { normalise } from './vector.js';

/** How often a path counts in each of its file's chunks, as with the bundled model. */
const PATH_WEIGHT = 3;

interface Model {
  readonly tokenizer: Tokenizer;
  /** Left out of every text; null where the tokenizer has none. */
  readonly unknown: number | null;
  readonly dimensions: number;
  /** One row per token, or per group of tokens where `mapping` says which row a token has. */
  readonly rows: Float32Array;
  readonly weights: Float32Array | null;
  readonly mapping: Float32Array | null;
}

/** A text's vector is the sum of its tokens' rows, brought to length 1. */
export class Model2VecEmbedder implements Embedder {
  readonly provider = 'model2vec';
  /** The directory's name and the beginning of a hash of its numbers: vectors of another model of that name differ. */
  readonly model: string;
  readonly dimensions: number;
  private readonly table: Model;

  private constructor(model: string, table: Model) {
    this.model = model;
    this.dimensions = table.dimensions;
    this.table = table;
  }

  /** Throws `embedder_unavailable` with what does not fit. */
  static async open(directory: string): Promise<Model2VecEmbedder> {
    try {
      const [tensors, tokenizer] = await Promise.all([
        readFile(join(directory, 'model.safetensors')),
        readFile(join(directory, 'tokenizer.json'), 'utf8'),
      ]);
      const hash = createHash('sha256').update(tensors).digest('hex').slice(0, 8);
      return new Model2VecEmbedder(`${basename(directory)} ${hash}`, readModel(tensors, JSON.parse(tokenizer)));
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new CodebaseError(
        'embedder_unavailable',
        `${directory} holds no Model2Vec model that can be used (${reason}); it needs model.safetensors and tokenizer.json.`,
        { cause },
      );
    }
  }

  async embedFiles(files: readonly FileText[], signal?: AbortSignal): Promise<readonly FileVectors[]> {
    return files.map(({ path, chunks }) => {
      signal?.throwIfAborted();
      const pathSum = this.sum(path);
      const sums = chunks.map((chunk) => this.sum(chunk));
      const withPath = (parts: readonly Float32Array[]) =>
        normalise(total([...parts, ...Array.from({ length: PATH_WEIGHT }, () => pathSum)], this.dimensions));
      return { chunks: sums.map((sum) => withPath([sum])), file: withPath(sums), path: normalise(pathSum) };
    });
  }

  async embedQuery(text: string): Promise<Float32Array> {
    return normalise(this.sum(text));
  }

  rarity(): number {
    return 0;
  }

  private sum(text: string): Float32Array {
    const { tokenizer, unknown, rows, weights, mapping, dimensions } = this.table;
    const sum = new Float32Array(dimensions);
    for (const id of tokenizer.encode(text, { add_special_tokens: false }).ids) {
      if (id === unknown) continue;
      const start = (mapping?.[id] ?? id) * dimensions;
      const weight = weights?.[id] ?? 1;
      for (let k = 0; k < dimensions; k++) sum[k] = (sum[k] as number) + weight * (rows[start + k] ?? 0);
    }
    return sum;
  }
}

function readModel(file: Buffer, json: { model?: { unk_token?: string | null } }): Model {
  const tensors = readSafetensors(file);
  const embeddings = tensors.get('embeddings') ?? tensors.get('embedding.weight');
  const [count, dimensions] = embeddings?.shape ?? [];
  if (embeddings === undefined || count === undefined || dimensions === undefined)
    throw new Error('model.safetensors has no table named embeddings');
  const tokenizer = new Tokenizer(json, {});
  const size = Math.max(...tokenizer.get_vocab(true).values()) + 1;
  const mapping = tensors.get('mapping')?.values ?? null;
  const weights = tensors.get('weights')?.values ?? null;
  for (const [name, length] of [
    ['mapping', mapping?.length],
    ['weights', weights?.length],
    ['embeddings', mapping ? size : count],
  ] as const)
    if (length !== undefined && length < size) throw new Error(`${name} has ${length} rows for ${size} tokens`);
  if (mapping?.some((row) => row < 0 || row >= count))
    throw new Error(`mapping names rows beyond the ${count} of embeddings`);
  const unknown = json.model?.unk_token == null ? null : (tokenizer.token_to_id(json.model.unk_token) ?? null);
  return { tokenizer, unknown, dimensions, rows: embeddings.values, weights, mapping };
}

function total(parts: readonly Float32Array[], dimensions: number): Float32Array {
  const sum = new Float32Array(dimensions);
  for (const part of parts) for (let k = 0; k < dimensions; k++) sum[k] = (sum[k] as number) + (part[k] as number);
  return sum;
}
