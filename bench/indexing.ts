// Indexing: a first run, a run with nothing to do and one with a changed file, on the embedded engine.
import { appendFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCodebase } from '#src/app.js';
import { loadConfig } from '#src/config.js';
import type { IndexReport } from '#src/service.js';
import { makeCorpus } from './corpus.js';
import { printTable } from './table.js';

const COLUMNS = [
  'files',
  'MB',
  'chunks',
  'first run s',
  'files/s',
  'no change s',
  'one file s',
  'peak RSS MB',
] as const;

export async function run(args: readonly string[]): Promise<void> {
  const sizes = args.length > 0 ? args.map(Number) : [200, 1000, 4000];
  const rows: string[][] = [];
  for (const size of sizes) rows.push(await measure(size));
  printTable('Indexing, embedded engine, bundled model', COLUMNS, rows);
}

async function measure(size: number): Promise<string[]> {
  const corpus = await makeCorpus(size);
  const dataDir = await mkdtemp(join(tmpdir(), 'codebase-mcp-bench-'));
  const codebase = await openCodebase(loadConfig({ dataDir }, {}), { holder: 'bench' });
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 50);
  const index = (): Promise<IndexReport> => codebase.index({ path: corpus.path });
  try {
    const first = await index();
    const idle = await index();
    await appendFile(await someFile(corpus.path), '\n// changed\n');
    const one = await index();
    const seconds = (report: IndexReport): string => (report.duration_ms / 1000).toFixed(2);
    return [
      `${first.files}`,
      (corpus.bytes / 1e6).toFixed(1),
      `${first.chunks}`,
      seconds(first),
      ((first.files * 1000) / first.duration_ms).toFixed(0),
      seconds(idle),
      seconds(one),
      (peak / 1e6).toFixed(0),
    ];
  } finally {
    clearInterval(watch);
    await codebase.close();
    await Promise.all([dataDir, corpus.path].map((path) => rm(path, { recursive: true, force: true })));
  }
}

async function someFile(directory: string): Promise<string> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true });
  const file = entries.find((entry) => entry.isFile() && /\.[cm]?js$/.test(entry.name));
  if (file === undefined) throw new Error(`no source file in ${directory}`);
  return join(file.parentPath, file.name);
}
