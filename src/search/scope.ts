// What a search looks at: a project, repositories of it, and filters. Filters hold before ranking.
import { setImmediate } from 'node:timers/promises';
import type { RepositoryFiles } from './file-cache.js';
import type { PathFilter } from './glob.js';

export interface Scope {
  readonly projectId: string;
  readonly repositoryIds: readonly string[];
  /** Null means any path. */
  readonly paths: PathFilter | null;
  /** Empty means any. */
  readonly languages: readonly string[];
}

/** Files looked at before others get their turn in this process. */
const AT_ONCE = 200;

/** Ids of the files that pass the filters; null when there are none. */
export async function passingFilters(
  repositories: readonly RepositoryFiles[],
  { paths, languages }: Scope,
  signal: AbortSignal | undefined,
): Promise<ReadonlySet<string> | null> {
  if (paths === null && languages.length === 0) return null;
  const wanted = new Set(languages);
  const passing = new Set<string>();
  for (const [n, { id, path, language }] of repositories.flatMap(({ files }) => files).entries()) {
    if (n % AT_ONCE === AT_ONCE - 1) {
      await setImmediate();
      signal?.throwIfAborted();
    }
    if (wanted.size > 0 && !(language !== null && wanted.has(language))) continue;
    if (paths?.(path) ?? true) passing.add(id);
  }
  return passing;
}
