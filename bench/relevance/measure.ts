// Measures the product itself: its own index, its own search, one line of results per question, scored by the
// benchmark's own script. With --data DIR a second run finds the index there and only asks.
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openCodebase } from '#src/app.js';
import type { Codebase } from '#src/service.js';
import { percentile } from '../table.js';
import { type BenchmarkRepository, readBenchmark } from './benchmark.js';
import { type Options, withIndex } from './options.js';

const LIMIT = 10;

interface Answered {
  readonly line: string;
  readonly milliseconds: number;
}

export async function measure(options: Options): Promise<void> {
  const repositories = await readBenchmark(options.checkout, options.benchmark, options.only);
  const answered: Answered[] = [];
  await withIndex(options, async (config) => {
    const codebase = await openCodebase(config, { holder: 'bench relevance' });
    try {
      for (const repository of repositories) answered.push(...(await ask(codebase, repository)));
    } finally {
      await codebase.close();
    }
  });
  await writeFile(options.results, answered.map(({ line }) => line).join('\n'));
  const times = answered.map(({ milliseconds }) => milliseconds);
  console.log(`${times.length} questions, p50 ${percentile(times, 0.5)} ms, p95 ${percentile(times, 0.95)} ms`);
  const names = repositories.map(({ name }) => name).join(',');
  const score = [join(options.benchmark, 'score.mjs'), options.results, '--repos', names];
  spawnSync(process.execPath, score, { stdio: 'inherit' });
}

async function ask(codebase: Codebase, repository: BenchmarkRepository): Promise<readonly Answered[]> {
  const { name, root, project, questions } = repository;
  const { files, chunks, duration_ms } = await codebase.index({ path: root, project });
  console.log(`${name}: ${files} files, ${chunks} chunks, indexed in ${duration_ms} ms`);
  const answered: Answered[] = [];
  for (const { query } of questions) {
    const answer = await codebase.search({ query, project, repository: root, limit: LIMIT, max_tokens: 100_000 });
    const results = answer.results.map((each) => ({ path: each.path, start: each.start_line, end: each.end_line }));
    answered.push({ line: JSON.stringify({ repo: name, query, results }), milliseconds: answer.elapsed_ms });
  }
  return answered;
}
