// Indexing: a first run with searches beside it, a run with nothing to do, one with a changed file and one after a switch
// of branches, on the embedded engine.
import { execFileSync } from 'node:child_process';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openCodebase } from '#src/app.js';
import { loadConfig } from '#src/config.js';
import type { Codebase, OnProgress } from '#src/service.js';
import { makeCorpus } from './corpus.js';
import { fetchPackages } from './packages.js';
import { percentile, printTable } from './table.js';

const COLUMNS = [
  'files',
  'MB',
  'chunks',
  'first run s',
  'its CPU s',
  'ms/file',
  'searches in it',
  'their p50/p95/max ms',
  'peak RSS MB',
  'no change s',
  'one file s',
  'branch of 500 s',
] as const;

/** Files that the other branch changes. */
const BRANCH_FILES = 500;
/** One measurement of a short run says little. */
const ROUNDS = 5;

export async function run(args: readonly string[]): Promise<void> {
  const sizes = args.length > 0 ? args.map(Number) : [1000, 10_000];
  const packages = await fetchPackages();
  const rows: string[][] = [];
  for (const size of sizes) rows.push(await measure(size, packages));
  printTable('Indexing, embedded engine, bundled model, a git repository; short runs: median of 5', COLUMNS, rows);
}

async function measure(size: number, packages: string): Promise<string[]> {
  const corpus = await makeCorpus(size, packages);
  git(corpus.path, 'init', '-q', '-b', 'main');
  git(corpus.path, 'config', 'gc.auto', '0'); // goes on in the background while the directory is removed
  const files = commit(corpus.path);
  const dataDir = await mkdtemp(join(tmpdir(), 'codebase-mcp-bench-'));
  const codebase = await openCodebase(loadConfig({ dataDir }, {}), { holder: 'bench' });
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 50);
  const index = async (): Promise<number> => {
    const started = performance.now();
    await codebase.index({ path: corpus.path });
    return (performance.now() - started) / 1000;
  };
  const rounds = async (change: (round: number) => unknown): Promise<string> => {
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      await change(round);
      times.push(await index());
    }
    return percentile(times, 0.5).toFixed(2);
  };
  try {
    const first = await firstRun(codebase, corpus.path);
    const idle = await rounds(() => {});
    const one = await rounds((round) => appendFile(join(corpus.path, files[round * 7] as string), '\n'));
    git(corpus.path, 'checkout', '-q', '.');
    for (const file of spread(files)) await appendFile(join(corpus.path, file), '\n');
    git(corpus.path, 'checkout', '-q', '-b', 'other');
    commit(corpus.path);
    await index();
    const branch = await rounds((round) => git(corpus.path, 'checkout', '-q', round % 2 === 0 ? 'main' : 'other'));
    const { report, cpu, searches } = first;
    return [
      `${report.files}`,
      (corpus.bytes / 1e6).toFixed(1),
      `${report.chunks}`,
      (report.duration_ms / 1000).toFixed(2),
      cpu.toFixed(1),
      (report.duration_ms / report.files).toFixed(2),
      `${searches.length}`,
      [0.5, 0.95, 1].map((share) => percentile(searches, share).toFixed(0)).join('/'),
      (peak / 1e6).toFixed(0),
      idle,
      one,
      branch,
    ];
  } finally {
    clearInterval(watch);
    await codebase.close();
    await Promise.all([dataDir, corpus.path].map((path) => rm(path, { recursive: true, force: true })));
  }
}

/** The first run, and how long a search takes meanwhile, one each second over all that is stored. */
async function firstRun(codebase: Codebase, path: string) {
  const searches: number[] = [];
  const before = process.cpuUsage();
  let running = true;
  let storing = false;
  const onProgress: OnProgress = ({ files_done }) => {
    storing ||= files_done > 0;
  };
  const job = codebase.index({ path }, { onProgress }).finally(() => {
    running = false;
  });
  for (await sleep(1000); running; await sleep(1000)) {
    if (!storing) continue;
    const started = performance.now();
    await codebase.search({ query: 'where is the connection pool closed' });
    searches.push(performance.now() - started);
  }
  const report = await job;
  const { user, system } = process.cpuUsage(before);
  return { report, cpu: (user + system) / 1e6, searches };
}

/** All that is there, as a commit; returns the paths. */
function commit(directory: string): readonly string[] {
  git(directory, 'add', '-A');
  git(directory, '-c', 'user.name=bench', '-c', 'user.email=bench@localhost', 'commit', '-q', '-m', 'corpus');
  return git(directory, 'ls-files').split('\n').filter(Boolean);
}

function git(directory: string, ...parameters: readonly string[]): string {
  return execFileSync('git', parameters, { cwd: directory, encoding: 'utf8', maxBuffer: 1 << 28 });
}

function spread(files: readonly string[]): readonly string[] {
  const step = Math.max(1, Math.floor(files.length / BRANCH_FILES));
  return files.filter((_, i) => i % step === 0).slice(0, BRANCH_FILES);
}
