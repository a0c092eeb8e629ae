// Writes the bundled model in the layout of Model2Vec, for others' tools: `node model/train/.out/main.js model2vec DIRECTORY`.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadStaticModel } from '#src/embedding/model-files.js';

/** Price of a piece beside 1, by its length, as in src/embedding/tokenizer.ts. */
const PIECE_PENALTY = [0, 0.6, 0.3, 0.1];

export async function toModel2Vec(directory: string): Promise<void> {
  const { vocabulary, rows, documentScale, dimensions } = await loadStaticModel();
  await mkdir(directory, { recursive: true });
  const scores = vocabulary.map((piece) => [piece, -1 - (PIECE_PENALTY[piece.length] ?? 0)]);
  const files = {
    'model.safetensors': safetensors([
      ['embeddings', 'I8', [vocabulary.length, dimensions], Buffer.from(rows.buffer, rows.byteOffset, rows.length)],
      ['weights', 'F32', [vocabulary.length], Buffer.from(documentScale.buffer)],
    ]),
    'tokenizer.json': JSON.stringify(tokenizer(scores)),
    'config.json': JSON.stringify({
      model_type: 'model2vec',
      normalize: true,
      embedding_dtype: 'int8',
      hidden_dim: dimensions,
    }),
    'modules.json': JSON.stringify([
      { idx: 0, name: '0', path: '.', type: 'sentence_transformers.models.StaticEmbedding' },
      { idx: 1, name: '1', path: '1_Normalize', type: 'sentence_transformers.models.Normalize' },
    ]),
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content);
}

/** Words cut at changes of case and kind, then lower case, then the cheapest pieces: Unigram with our prices as scores. */
function tokenizer(vocab: unknown): unknown {
  const replace = (pattern: string) => ({ type: 'Replace', pattern: { Regex: pattern }, content: ' ' });
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: {
      type: 'Sequence',
      normalizers: [
        replace('(?<=[a-z0-9])(?=[A-Z])'),
        replace('(?<=[A-Z])(?=[A-Z][a-z])'),
        replace('(?<=[A-Za-z])(?=[0-9])'),
        replace('(?<=[0-9])(?=[a-z])'),
        { type: 'Lowercase' },
      ],
    },
    pre_tokenizer: { type: 'Split', pattern: { Regex: '[^a-z0-9]+' }, behavior: 'Removed', invert: false },
    post_processor: null,
    decoder: null,
    model: { type: 'Unigram', unk_id: 0, vocab, byte_fallback: false },
  };
}

type Part = readonly [name: string, dtype: string, shape: readonly number[], data: Buffer];

function safetensors(parts: readonly Part[]): Buffer {
  let at = 0;
  const header: Record<string, unknown> = {};
  for (const [name, dtype, shape, data] of parts) {
    header[name] = { dtype, shape, data_offsets: [at, at + data.length] };
    at += data.length;
  }
  const text = JSON.stringify(header);
  const padded = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, padded, ...parts.map(([, , , data]) => data)]);
}
