// Search: latency of a warm query, and of code like that of a place, at several sizes of the index, on the embedded engine.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCodebase } from '#src/app.js';
import { loadConfig } from '#src/config.js';
import type { Codebase } from '#src/service.js';
import { makeCorpus } from './corpus.js';
import { percentile, printTable } from './table.js';

const QUERIES = [
  'parse command line arguments',
  'where is the connection pool closed',
  'convert snake case to camel case',
  'validate an email address',
  'createServer',
  'read a file and report a missing one',
  'transaction rollback',
  'how are errors turned into messages',
  'websocket upgrade request',
  'toString',
  'escape html characters',
  'compile a regular expression from a glob',
  'json schema of an object type',
  'retry with exponential backoff',
  'hash table lookup',
  'format a date',
  'syntax tree visitor',
  'left join query builder',
  'cancel a running task',
  'source map line and column',
] as const;
const ROUNDS = 5;

export async function run(args: readonly string[]): Promise<void> {
  const sizes = args.length > 0 ? args.map(Number) : [200, 1000, 4000];
  const rows: string[][] = [];
  for (const size of sizes) rows.push(await measure(size));
  printTable(
    'Warm search, embedded engine, bundled model',
    ['files', 'chunks', 'p50 ms', 'p95 ms', 'filtered p95 ms', 'related p50 ms', 'related p95 ms'],
    rows,
  );
}

async function measure(size: number): Promise<string[]> {
  const corpus = await makeCorpus(size);
  const dataDir = await mkdtemp(join(tmpdir(), 'codebase-mcp-bench-'));
  const codebase = await openCodebase(loadConfig({ dataDir }, {}), { holder: 'bench' });
  try {
    const report = await codebase.index({ path: corpus.path });
    await timeQueries(codebase, corpus.path, {});
    const plain = await timeQueries(codebase, corpus.path, {});
    const filtered = await timeQueries(codebase, corpus.path, { languages: ['typescript'], paths: ['!*.d.ts'] });
    const related = await timeRelated(codebase, corpus.path);
    const at = (times: readonly number[], share: number): string => percentile(times, share).toFixed(0);
    const searches = [at(plain, 0.5), at(plain, 0.95), at(filtered, 0.95)];
    return [`${report.files}`, `${report.chunks}`, ...searches, at(related, 0.5), at(related, 0.95)];
  } finally {
    await codebase.close();
    await Promise.all([dataDir, corpus.path].map((path) => rm(path, { recursive: true, force: true })));
  }
}

async function timeQueries(
  codebase: Codebase,
  repository: string,
  filters: { languages?: string[]; paths?: string[] },
): Promise<readonly number[]> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const query of QUERIES) {
      const started = performance.now();
      await codebase.search({ query, repository, ...filters });
      times.push(performance.now() - started);
    }
  }
  return times;
}

/** Of the best place of each question, and of its whole file. */
async function timeRelated(codebase: Codebase, repository: string): Promise<readonly number[]> {
  const times: number[] = [];
  for (const query of QUERIES) {
    const [best] = (await codebase.search({ query, repository, limit: 1 })).results;
    if (best === undefined) continue;
    const file = join(repository, best.path);
    for (const place of [{ file, line: best.code_line }, { file }]) {
      const started = performance.now();
      await codebase.related({ ...place, repository });
      times.push(performance.now() - started);
    }
  }
  return times;
}
