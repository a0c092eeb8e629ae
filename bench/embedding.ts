// Embedding: what the bundled model costs per chunk of 2,000 characters, in processor time of one core.
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { StaticEmbedder } from '#src/embedding/static.js';
import { makeCorpus } from './corpus.js';
import { printTable } from './table.js';

const FILES = 600;
const CHUNK_CHARACTERS = 2000;
const ROUNDS = 5;

export async function run(): Promise<void> {
  const corpus = await makeCorpus(FILES);
  try {
    const entries = await readdir(corpus.path, { recursive: true, withFileTypes: true });
    const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
    const files = texts.map((text, i) => ({ path: (paths[i] ?? '').slice(corpus.path.length + 1), chunks: cut(text) }));
    const chunks = files.reduce((sum, file) => sum + file.chunks.length, 0);
    const embedder = await StaticEmbedder.open();
    const costs: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const before = process.cpuUsage();
      await embedder.embedFiles(files);
      const { user, system } = process.cpuUsage(before);
      costs.push((user + system) / chunks);
    }
    const [first, ...warm] = costs as [number, ...number[]];
    printTable(
      `Embedding ${chunks} chunks of ${CHUNK_CHARACTERS} characters with the vectors of their ${files.length} files`,
      ['', 'µs of CPU a chunk'],
      [
        ['first time', first.toFixed(0)],
        ['best of the others', Math.min(...warm).toFixed(0)],
      ],
    );
  } finally {
    await rm(corpus.path, { recursive: true, force: true });
  }
}

function cut(text: string): readonly string[] {
  const count = Math.ceil(text.length / CHUNK_CHARACTERS);
  return Array.from({ length: count }, (_, i) => text.slice(i * CHUNK_CHARACTERS, (i + 1) * CHUNK_CHARACTERS));
}
