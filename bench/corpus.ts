// Real source files to measure on: what the packages in node_modules hold, each content once.
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';

const SOURCE = /\.(ts|mts|tsx|js|mjs|cjs|jsx|py|go|rs|java|c|cc|cpp|h|cs|rb|php|kt|swift|scala|sh)$/;
const MODULES = new URL('../../node_modules/', import.meta.url).pathname;

export interface Corpus {
  readonly path: string;
  readonly files: number;
  readonly bytes: number;
}

/** A temporary directory with `count` files of 500 to 60,000 bytes; when there are no more, copies with one word changed. */
export async function makeCorpus(count: number): Promise<Corpus> {
  const path = await mkdtemp(join(tmpdir(), 'codebase-mcp-corpus-'));
  const originals = await distinctSources(count);
  let bytes = 0;
  for (let i = 0; i < count; i++) {
    const round = Math.floor(i / originals.length);
    const { name, content } = originals[i % originals.length] as Original;
    const target = join(path, round === 0 ? '' : `copy-${round}`, name);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(
      target,
      round === 0 ? content : content.replace(/\b(const|function|class|return)\b/, `$1 /* ${round} */`),
    );
    bytes += content.length;
  }
  return { path, files: count, bytes };
}

interface Original {
  readonly name: string;
  readonly content: string;
}

async function distinctSources(count: number): Promise<readonly Original[]> {
  const seen = new Set<string>();
  const found: Original[] = [];
  for await (const file of sources(MODULES)) {
    if (found.length === count) break;
    const { size } = await stat(file);
    if (size < 500 || size > 60_000) continue;
    const content = await readFile(file, 'utf8');
    const hash = createHash('sha1').update(content).digest('hex');
    if (seen.has(hash)) continue;
    seen.add(hash);
    // Not under node_modules: a directory of dependencies is left out of an index.
    const name = relative(MODULES, file)
      .replaceAll('node_modules', 'packages')
      .replace(/\bdist\b/g, 'source');
    found.push({ name, content });
  }
  return found;
}

async function* sources(directory: string): AsyncGenerator<string> {
  const entries = await readdir(directory, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (SOURCE.test(entry.name)) yield path;
  }
}
