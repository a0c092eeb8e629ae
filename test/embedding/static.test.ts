import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { FileVectors } from '#src/embedding/embedder.js';
import { StaticEmbedder } from '#src/embedding/static.js';
import { TokenBag, Tokenizer } from '#src/embedding/tokenizer.js';

let embedder: StaticEmbedder;
beforeAll(async () => {
  embedder = await StaticEmbedder.open();
});

async function embed(path: string, ...chunks: string[]): Promise<FileVectors> {
  const [vectors] = await embedder.embedFiles([{ path, chunks }]);
  if (vectors === undefined) throw new Error('no vectors for the file');
  return vectors;
}

const start = (vector: Float32Array) => [...vector.slice(0, 6)].map((value) => Number(value.toFixed(5)));
const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, k) => sum + value * (b[k] ?? 0), 0);

describe('the bundled model', () => {
  test('gives the vectors that it was measured with', async () => {
    expect(embedder.dimensions).toBe(256);
    expect(start(await embedder.embedQuery('how are requests routed to handlers'))).toEqual([
      0.04187, 0.07069, -0.09658, -0.03908, -0.15243, 0.01831,
    ]);
    // A word that can hardly be written in pieces, numbers inside and outside the vocabulary, one that is too long.
    expect(start(await embedder.embedQuery('XMLHttpRequest qzxvkj 404 12345 2024'))).toEqual([
      -0.07523, -0.08248, 0.04115, 0.0008, 0.02708, 0.00319,
    ]);
  });

  test('leaves out a word that only short pieces could write', async () => {
    const nothing = await embedder.embedQuery('qzxvkj');
    expect(dot(nothing, nothing)).toBe(0);
    const compound = await embedder.embedQuery('bookshelfcatalogue');
    expect(dot(compound, await embedder.embedQuery('book shelf catalogue'))).toBeGreaterThan(0.3);
  });

  test('embeds a chunk with its path’s words, and the path alone', async () => {
    const code = 'function getUserById(id: number): User { return this.users.get(id); }';
    const vectors = await embed('src/users/repository.ts', code);
    expect(start(vectors.chunks[0] as Float32Array)).toEqual([0.01948, -0.07632, 0.02895, 0.09399, 0.1051, 0.05297]);
    expect(start(vectors.path)).toEqual([-0.0283, -0.14038, 0.07056, 0.01596, 0.10192, 0.00876]);
  });

  test('a file of one chunk is that chunk; a file of two lies between them', async () => {
    const one = await embed('a.py', 'def read_config(path): return json.load(open(path))');
    expect(dot(one.file, one.chunks[0] as Float32Array)).toBeCloseTo(1, 5);
    const two = await embed('a.py', 'def read_config(path): ...', 'class HttpServer: ...');
    const [first, second] = two.chunks as [Float32Array, Float32Array];
    expect(dot(two.file, first)).toBeGreaterThan(dot(first, second));
    expect(dot(two.file, second)).toBeGreaterThan(dot(first, second));
  });

  test('a question is nearer to the code that answers it than to other code', async () => {
    const { chunks } = await embed(
      'lib/code.js',
      'export function retryWithBackoff(request) { for (let delay = 100; ; delay *= 2) try { return send(request) } catch { await sleep(delay) } }',
      'export function parseCsvLine(line, separator) { return line.split(separator).map((field) => field.trim()) }',
    );
    const question = await embedder.embedQuery('where do we wait and try a failed request again');
    const [retry, csv] = chunks as [Float32Array, Float32Array];
    expect(dot(question, retry)).toBeGreaterThan(dot(question, csv) + 0.1);
  });

  test('vectors have length 1; a text without any word has length 0', async () => {
    const vectors = await embed('src/x.ts', 'const answer = 42;', '', '}{');
    for (const vector of [...vectors.chunks, vectors.file, vectors.path]) expect(dot(vector, vector)).toBeCloseTo(1, 4);
    const nothing = await embedder.embedQuery('?!');
    expect(dot(nothing, nothing)).toBe(0);
  });

  test('a cancelled run stops between files', async () => {
    const cancelled = AbortSignal.abort();
    await expect(embedder.embedFiles([{ path: 'a.ts', chunks: ['a'] }], cancelled)).rejects.toThrow('aborted');
  });
});

describe('a damaged model', () => {
  test('is named, with what to do', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'model-'));
    await expect(StaticEmbedder.open(directory)).rejects.toThrow(
      /cannot be loaded \(ENOENT.*reinstall codebase-mcp\.$/,
    );
    await writeFile(join(directory, 'vocab.json'), '["a"]');
    const table = Buffer.alloc(20);
    table.writeInt32LE(1, 0);
    table.writeInt32LE(4, 4);
    await writeFile(join(directory, 'table.int8'), table.subarray(0, 18));
    await expect(StaticEmbedder.open(directory)).rejects.toMatchObject({
      code: 'embedder_unavailable',
      message: expect.stringContaining('table.int8 has 18 bytes, not 20'),
    });
    await rm(directory, { recursive: true });
  });
});

test('the tokeniser gives a word the same tokens however many words it has seen', () => {
  const letters = [...'abcdefghijklmnopqrstuvwxyz'];
  const vocabulary = [...letters, ...letters.flatMap((a) => letters.map((b) => `${a}${b}`))];
  const seasoned = new Tokenizer(vocabulary, 1);
  const bag = new TokenBag(vocabulary.length);
  const words = Array.from({ length: 150_000 }, (_, i) =>
    [1, 26, 676, 17_576].map((n) => letters[Math.floor(i / n) % 26]).join(''),
  );
  for (const word of words) seasoned.addTo(bag, word);
  for (const word of words.filter((_, i) => i % 1_499 === 0)) {
    const fresh = new TokenBag(vocabulary.length);
    new Tokenizer(vocabulary, 1).addTo(fresh, word);
    bag.clear();
    seasoned.addTo(bag, word);
    expect([word, ...bag.tokens]).toEqual([word, ...fresh.tokens]);
  }
});
