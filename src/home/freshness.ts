// Answers match the disk: when files of an answer have changed since they were indexed, their repository is brought up to
// date first, within a small time budget.
import type { SearchAnswer, SearchResult } from '../service.js';
import { within } from '../within.js';

/** How long an answer waits for a repository to be brought up to date; after that the job goes on in the background. */
const REFRESH_BUDGET_MS = 3000;

export type Freshness = SearchAnswer['freshness'];

export interface FreshnessTools {
  /** The paths, of those given, that are on disk no longer what they are in the index. */
  readonly stale: (repository: string, paths: readonly string[]) => Promise<readonly string[]>;
  /** Brings a repository up to date; null where nothing can be written. */
  readonly reindex: ((repository: string) => Promise<unknown>) | null;
}

/** `fresh`: nothing had changed. `refreshed`: the answer must be asked for again. `stale`: it could not be refreshed in time. */
export async function refresh(
  tools: FreshnessTools,
  results: readonly SearchResult[],
): Promise<{ readonly freshness: Freshness; readonly note: string | null }> {
  const changed: { repository: string; paths: readonly string[] }[] = [];
  for (const repository of new Set(results.map((result) => result.repository))) {
    const paths = results.filter((result) => result.repository === repository).map((result) => result.path);
    const stale = await tools.stale(repository, paths);
    if (stale.length > 0) changed.push({ repository, paths: stale });
  }
  if (changed.length === 0) return { freshness: 'fresh', note: null };
  const files = changed.reduce((sum, { paths }) => sum + paths.length, 0);
  const what = `${files === 1 ? '1 file of the answer has' : `${files} files of the answer have`} changed since indexing`;
  const { reindex } = tools;
  if (reindex === null) return { freshness: 'stale', note: `${what}.` };
  const done = Promise.all(changed.map(({ repository }) => reindex(repository))).then(
    () => true,
    () => false, // counts as not in time; the job keeps the reason
  );
  return (await within(REFRESH_BUDGET_MS, done))
    ? { freshness: 'refreshed', note: `${what}; re-read before answering.` }
    : { freshness: 'stale', note: `${what}; re-reading them takes longer, ask again in a moment.` };
}
