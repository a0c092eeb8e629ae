// What a run tells about itself: counts from the database, and the files left out, by reason.
import type { Kysely } from 'kysely';
import type { Tables } from '../database/tables.js';
import type { IndexReport } from '../service.js';

const EXAMPLES = 3;

/** Files and chunks of the repository in the index, and its files by language, most first. */
export async function countRepository(
  db: Kysely<Tables>,
  repository: { projectId: string; repositoryId: string },
): Promise<Pick<IndexReport, 'files' | 'chunks' | 'languages'>> {
  const rows = await db
    .selectFrom('code_files')
    .select((select) => [
      'language',
      select.fn.countAll<string>().as('files'),
      select.fn.sum<string>('chunk_count').as('chunks'),
    ])
    .where('project_id', '=', repository.projectId)
    .where('repository_id', '=', repository.repositoryId)
    .groupBy('language')
    .orderBy('files', 'desc')
    .execute();
  const total = (key: 'files' | 'chunks'): number => rows.reduce((sum, row) => sum + Number(row[key]), 0);
  return {
    files: total('files'),
    chunks: total('chunks'),
    languages: Object.fromEntries(rows.map((row) => [row.language ?? 'text', Number(row.files)])),
  };
}

/** Group files left out by reason, most frequent first, with a few examples each. */
export function summarise(left: readonly { path: string; reason: string }[]): IndexReport['skipped'] {
  const byReason = new Map<string, string[]>();
  for (const { path, reason } of left) {
    const paths = byReason.get(reason);
    if (paths) paths.push(path);
    else byReason.set(reason, [path]);
  }
  return [...byReason]
    .map(([reason, paths]) => ({ reason, files: paths.length, examples: paths.slice(0, EXAMPLES) }))
    .sort((a, b) => b.files - a.files);
}
