// Writes what the ranker sees: per question of the benchmark, every candidate file with its signals and whether it is an
// answer. `fit` learns the weights from this. Indexes first what is not indexed in --data DIR.
import { writeFile } from 'node:fs/promises';
import { openCodebase } from '#src/app.js';
import type { Config } from '#src/config.js';
import { openDatabase } from '#src/database/database.js';
import { repositoriesOf } from '#src/database/repositories.js';
import { openEmbedder } from '#src/embedding/open.js';
import { parseProjectId } from '#src/project.js';
import { FileCache } from '#src/search/file-cache.js';
import { pathFilter } from '#src/search/glob.js';
import { parseQuery, type QueryKind } from '#src/search/query.js';
import { judge, type SearchTools } from '#src/search/search.js';
import type { FileSignals, Signals } from '#src/search/signals.js';
import { type BenchmarkRepository, readBenchmark, samePath } from './benchmark.js';
import { ndcg } from './ndcg.js';
import { type Options, withIndex } from './options.js';

/** One line of the features file. */
export interface QuestionFeatures {
  readonly repository: string;
  readonly category: string;
  readonly language: string;
  readonly query: string;
  readonly kind: QueryKind;
  readonly targets: number;
  /** NDCG@10 of its chunks by their cosine alone: a second chunk of a file uses up a rank. */
  readonly vectorLeg: number;
  readonly files: readonly CandidateFeatures[];
}

export interface CandidateFeatures {
  readonly path: string;
  /** Number of the target that this file is; -1 for none. */
  readonly target: number;
  readonly signals: Signals;
}

export async function dumpFeatures(options: Options): Promise<void> {
  const repositories = await readBenchmark(options.checkout, options.benchmark, options.only);
  const lines: string[] = [];
  await withIndex(options, async (config) => {
    await indexAll(config, repositories);
    const database = await openDatabase(config, { holder: 'bench relevance' });
    try {
      const tools = { embedder: await openEmbedder(config.embedder), files: new FileCache() };
      for (const repository of repositories) {
        const own = { ...tools, database: database.inProject(repository.project) };
        lines.push(...(await questionLines(own, repository)));
      }
    } finally {
      await database.close();
    }
  });
  await writeFile(options.features, lines.join('\n'));
  console.log(`${lines.length} questions in ${options.features}`);
}

async function indexAll(config: Config, repositories: readonly BenchmarkRepository[]): Promise<void> {
  const codebase = await openCodebase(config, { holder: 'bench relevance' });
  try {
    for (const { root, project } of repositories) await codebase.index({ path: root, project });
  } finally {
    await codebase.close();
  }
}

async function questionLines(tools: SearchTools, repository: BenchmarkRepository): Promise<readonly string[]> {
  const project = parseProjectId(repository.project);
  const rows = await repositoriesOf(tools.database.db, project);
  const repositoryIds = rows.filter((row) => row.path === repository.root).map((row) => row.id);
  const scope = { projectId: project, repositoryIds, paths: pathFilter([]), languages: [] };
  const lines: string[] = [];
  for (const { query: text, category, targets } of repository.questions) {
    const query = parseQuery(text);
    const { files } = await judge(tools, scope, query);
    const targetOf = (path: string) => targets.findIndex((target) => samePath(path, target));
    const features: QuestionFeatures = {
      repository: repository.name,
      category,
      language: repository.language,
      query: text,
      kind: query.kind,
      targets: targets.length,
      vectorLeg: ndcg(
        byCosine(files).map((path) => targetOf(path)),
        targets.length,
      ),
      files: files.map(({ evidence: { path }, signals }) => ({
        path,
        target: targetOf(path),
        signals,
      })),
    };
    lines.push(JSON.stringify(features));
  }
  return lines;
}

/** The path of each chunk, nearest to the query first. */
function byCosine(files: readonly FileSignals[]): readonly string[] {
  const chunks = files.flatMap(({ evidence, chunks }) =>
    Array.from(chunks.cosine, (cosine) => ({ path: evidence.path, cosine })),
  );
  return chunks.sort((a, b) => b.cosine - a.cosine).map(({ path }) => path);
}
