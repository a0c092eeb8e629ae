import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from '#src/config.js';
import { Model2VecEmbedder } from '#src/embedding/model2vec.js';
import { openEmbedder } from '#src/embedding/open.js';
import { StaticEmbedder } from '#src/embedding/static.js';
import { toModel2Vec } from '../../model/train/to-model2vec.js';

const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, k) => sum + value * (b[k] ?? 0), 0);

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'model2vec-'));
});
afterAll(() => rm(directory, { recursive: true }));

type Tensors = Readonly<Record<string, { dtype: string; shape: readonly number[]; data: Buffer }>>;

/** What Model2Vec's save_pretrained writes, for a word-level tokenizer of five words. */
async function save(name: string, tensors: Tensors): Promise<string> {
  const folder = join(directory, name);
  await mkdir(folder);
  let at = 0;
  const header = Object.fromEntries(
    Object.entries(tensors).map(([key, { dtype, shape, data }]) => {
      at += data.length;
      return [key, { dtype, shape, data_offsets: [at - data.length, at] }];
    }),
  );
  const text = Buffer.from(JSON.stringify({ __metadata__: { format: 'pt' }, ...header }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const data = Object.values(tensors).map((tensor) => tensor.data);
  await writeFile(join(folder, 'model.safetensors'), Buffer.concat([length, text, ...data]));
  const vocab = { '[UNK]': 0, red: 1, green: 2, blue: 3, '##ish': 4 };
  await writeFile(
    join(folder, 'tokenizer.json'),
    JSON.stringify({
      version: '1.0',
      added_tokens: [],
      normalizer: { type: 'Lowercase' },
      pre_tokenizer: { type: 'BertPreTokenizer' },
      post_processor: null,
      decoder: null,
      model: {
        type: 'WordPiece',
        unk_token: '[UNK]',
        continuing_subword_prefix: '##',
        max_input_chars_per_word: 100,
        vocab,
      },
    }),
  );
  return folder;
}

const floats = (...values: number[]) => Buffer.from(Float32Array.from(values).buffer);
const TABLE = [9, 9, 1, 0, 0, 1, 3, 4, -1, 0];

describe('a model of Model2Vec', () => {
  test('gives the direction of the weighted mean of its tokens; unknown words are left out', async () => {
    const folder = await save('colours', {
      embeddings: { dtype: 'F32', shape: [5, 2], data: floats(...TABLE) },
      weights: { dtype: 'F64', shape: [5], data: Buffer.from(Float64Array.of(1, 2, 1, 1, 1).buffer) },
    });
    const embedder = await openEmbedder(loadConfig({ embedder: folder }, {}).embedder);
    expect([embedder.provider, embedder.dimensions]).toEqual(['model2vec', 2]);
    expect(embedder.model).toMatch(/^colours [0-9a-f]{8}$/);
    const vector = async (text: string) =>
      [...(await embedder.embedQuery(text))].map((value) => Number(value.toFixed(3)));
    expect(await vector('blue')).toEqual([0.6, 0.8]);
    expect(await vector('RED green')).toEqual([0.894, 0.447]);
    expect(await vector('blue zebra')).toEqual([0.6, 0.8]);
    expect(await vector('greenish green green')).toEqual([-0.316, 0.949]);
    expect(await vector('zebra')).toEqual([0, 0]);
  });

  test('may share rows between tokens, and keep them in half precision', async () => {
    const half = Buffer.from(Uint16Array.of(0x3c00, 0x0000, 0x0000, 0xbc00).buffer); // 1 0, 0 −1
    const folder = await save('shared', {
      embeddings: { dtype: 'F16', shape: [2, 2], data: half },
      mapping: { dtype: 'I64', shape: [5], data: Buffer.from(BigInt64Array.of(0n, 0n, 1n, 1n, 0n).buffer) },
    });
    const embedder = await Model2VecEmbedder.open(folder);
    expect([...(await embedder.embedQuery('blue'))].map(Math.round)).toEqual([0, -1]);
    const [file] = await embedder.embedFiles([{ path: 'red', chunks: ['green', 'red'] }]);
    expect(dot(file?.path as Float32Array, Float32Array.of(1, 0))).toBeCloseTo(1, 4);
    expect(dot(file?.file as Float32Array, file?.chunks[0] as Float32Array)).toBeGreaterThan(0.9);
  });

  test.each([
    [
      'too few rows',
      { embeddings: { dtype: 'F32', shape: [2, 2], data: floats(1, 2, 3, 4) } },
      'embeddings has 2 rows for 5 tokens',
    ],
    ['other numbers', { embeddings: { dtype: 'U8', shape: [5, 1], data: Buffer.alloc(5) } }, 'is of type U8'],
    ['a cut file', { embeddings: { dtype: 'F32', shape: [5, 2], data: floats(1) } }, 'has 4 bytes, not 40'],
    ['no table', { other: { dtype: 'F32', shape: [1], data: floats(1) } }, 'no table named embeddings'],
  ] as const)('%s is said', async (name, tensors, reason) => {
    const folder = await save(name.replaceAll(' ', '-'), tensors);
    await expect(Model2VecEmbedder.open(folder)).rejects.toMatchObject({
      code: 'embedder_unavailable',
      message: expect.stringContaining(reason),
    });
  });

  test('a directory without one is said', async () => {
    await expect(Model2VecEmbedder.open(join(directory, 'nowhere'))).rejects.toThrow(
      /holds no Model2Vec model .*ENOENT/,
    );
  });
});

test('the bundled model in that layout gives nearly the same vectors: counts are not damped there', async () => {
  const folder = join(directory, 'bundled');
  await toModel2Vec(folder);
  const [theirs, ours] = [await Model2VecEmbedder.open(folder), await StaticEmbedder.open()];
  const code = 'export function parseHTTPHeaders(rawText: string): Map<string, string> { return splitLines(rawText) }';
  const [a] = await theirs.embedFiles([{ path: 'src/headers.ts', chunks: [code] }]);
  const [b] = await ours.embedFiles([{ path: 'src/headers.ts', chunks: [code] }]);
  expect(dot(a?.chunks[0] as Float32Array, b?.chunks[0] as Float32Array)).toBeGreaterThan(0.9);
  expect(dot(a?.path as Float32Array, b?.path as Float32Array)).toBeGreaterThan(0.999);
});
