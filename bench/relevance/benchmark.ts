// The shared relevance benchmark as it lies on disk: checked-out repositories, and questions with the files that answer them.
// Nothing of it is part of this repository; see docs/relevance.md for where it comes from.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const Checkout = z.array(z.object({ name: z.string(), root: z.string().optional(), language: z.string() }));
const Target = z.union([z.string(), z.object({ path: z.string() }).transform(({ path }) => path)]);
const Queries = z.array(
  z.object({
    repo: z.string(),
    query: z.string(),
    category: z.string(),
    relevant: z.array(Target),
    secondary: z.array(Target),
  }),
);

export interface Question {
  readonly query: string;
  readonly category: string;
  /** Paths of the files that answer it. */
  readonly targets: readonly string[];
}

export interface BenchmarkRepository {
  readonly name: string;
  readonly language: string;
  /** Directory that is indexed. */
  readonly root: string;
  /** Project that it is indexed in. */
  readonly project: string;
  readonly questions: readonly Question[];
}

/** `checkout`: directory with checkout.json. `benchmark`: directory with queries.json. `only`: names, empty for all. */
export async function readBenchmark(
  checkout: string,
  benchmark: string,
  only: readonly string[],
): Promise<readonly BenchmarkRepository[]> {
  const [repositories, queries] = await Promise.all([
    readJson(join(checkout, 'checkout.json'), Checkout),
    readJson(join(benchmark, 'queries.json'), Queries),
  ]);
  return repositories.flatMap(({ name, language, root }) => {
    if (root === undefined || (only.length > 0 && !only.includes(name))) return [];
    const questions = queries
      .filter((question) => question.repo === name)
      .map(({ query, category, relevant, secondary }) => ({ query, category, targets: [...relevant, ...secondary] }));
    return { name, language, root, project: name.toLowerCase().replace(/[^a-z0-9]+/g, '-'), questions };
  });
}

/** The benchmark's own rule: targets may name a file from another directory than the one that is indexed. */
export function samePath(found: string, target: string): boolean {
  return found === target || found.endsWith(`/${target}`) || target.endsWith(`/${found}`);
}

async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  return schema.parse(JSON.parse(await readFile(path, 'utf8')));
}
