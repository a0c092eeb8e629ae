// Real source files to measure on: what published packages hold, each content once.
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';

const SOURCE = /\.(ts|mts|tsx|js|mjs|cjs|jsx|py|go|rs|java|c|cc|cpp|h|cs|rb|php|kt|swift|scala|sh|mm|m)$/;
/** Declarations and bundles say again what the sources say. */
const REPEATED = /\.d\.[cm]?ts$|\.min\./;
const MODULES = new URL('../../node_modules/', import.meta.url).pathname;

export interface Corpus {
  readonly path: string;
  readonly files: number;
  readonly bytes: number;
}

/**
 * A temporary directory with `count` files of 500 to 200,000 bytes from the packages below `source`, the same mixture at
 * every size; when there are no more, copies with one word changed.
 */
export async function makeCorpus(count: number, source = MODULES): Promise<Corpus> {
  const path = await mkdtemp(join(tmpdir(), 'codebase-mcp-corpus-'));
  const originals = await distinctSources(source);
  let bytes = 0;
  for (let i = 0; i < count; i++) {
    const round = Math.floor(i / originals.length);
    const { name, file } = originals[i % originals.length] as Original;
    const content = await readFile(file, 'utf8');
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
  /** Absolute path. */
  readonly file: string;
}

/** In the order of their hashes: any number of the first ones is a fair sample. */
async function distinctSources(directory: string): Promise<readonly Original[]> {
  const found = new Map<string, Original>();
  for await (const file of sources(directory)) {
    const { size } = await stat(file);
    if (size < 500 || size > 200_000) continue;
    const content = await readFile(file, 'utf8');
    // Not under node_modules, and not output: such directories are left out of an index.
    const name = relative(directory, file)
      .replaceAll('node_modules', 'packages')
      .replace(/\b(dist|build|vendor|target|out)\b/g, '$1-source');
    found.set(createHash('sha1').update(content).digest('hex'), { name, file });
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, original]) => original);
}

async function* sources(directory: string): AsyncGenerator<string> {
  const entries = await readdir(directory, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (SOURCE.test(entry.name) && !REPEATED.test(entry.name)) yield path;
  }
}
