// Real source files to measure on: copies of what the packages in node_modules hold, each content once.
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';

const SOURCE = /\.(ts|mts|tsx|js|mjs|cjs|jsx|py|go|rs|java|c|cc|cpp|h|cs|rb|php|kt|swift|scala|sh)$/;
const MODULES = new URL('../../node_modules/', import.meta.url).pathname;

export interface Corpus {
  readonly path: string;
  readonly files: number;
  readonly bytes: number;
}

/** A temporary directory with `count` files of 500 to 60,000 bytes, or as many as there are. */
export async function makeCorpus(count: number): Promise<Corpus> {
  const path = await mkdtemp(join(tmpdir(), 'codebase-mcp-corpus-'));
  const seen = new Set<string>();
  let bytes = 0;
  for await (const file of sources(MODULES)) {
    if (seen.size === count) break;
    const { size } = await stat(file);
    if (size < 500 || size > 60_000) continue;
    const hash = createHash('sha1')
      .update(await readFile(file))
      .digest('hex');
    if (seen.has(hash)) continue;
    seen.add(hash);
    bytes += size;
    // Not under node_modules: a directory of dependencies is left out of an index.
    const target = join(
      path,
      relative(MODULES, file)
        .replaceAll('node_modules', 'packages')
        .replace(/\bdist\b/g, 'source'),
    );
    await mkdir(dirname(target), { recursive: true });
    await cp(file, target);
  }
  return { path, files: seen.size, bytes };
}

async function* sources(directory: string): AsyncGenerator<string> {
  const entries = await readdir(directory, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (SOURCE.test(entry.name)) yield path;
  }
}
