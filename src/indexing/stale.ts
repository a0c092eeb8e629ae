// Are files on disk still what the index holds? Asked for the files of an answer before it is given.
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../database/tables.js';
import { readSource } from '../discovery/read.js';
import type { Embedder } from '../embedding/embedder.js';
import { fingerprint, pipelineVersion } from './fingerprint.js';

export interface IndexedFiles {
  readonly projectId: string;
  /** Absolute path of the repository. */
  readonly repository: string;
  /** Relative to the repository. */
  readonly paths: readonly string[];
}

/** The paths whose file is gone, or would be indexed otherwise than it is. */
export async function stalePaths(
  db: Kysely<Tables>,
  embedder: Embedder,
  files: IndexedFiles,
): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('repositories as r')
    .leftJoin('code_files as f', (join) =>
      join
        .onRef('f.project_id', '=', 'r.project_id')
        .onRef('f.repository_id', '=', 'r.id')
        .on('f.path', '=', sql<string>`any(${files.paths}::text[])`),
    )
    .select(['f.path', sql<string | null>`encode(f.content_hash, 'hex')`.as('fingerprint')])
    .where('r.project_id', '=', files.projectId)
    .where('r.path', '=', files.repository)
    .execute();
  if (rows.length === 0) return []; // it was removed or renamed meanwhile, and indexing would bring it back
  const pipeline = pipelineVersion(embedder);
  const stored = new Map(rows.map((row) => [row.path, row.fingerprint]));
  const stale: string[] = [];
  for (const path of files.paths) {
    const isStored = (blob: string): boolean => fingerprint(pipeline, blob) === stored.get(path);
    const source = await readSource(files.repository, path, isStored);
    if (!('known' in source)) stale.push(path);
  }
  return stale;
}
