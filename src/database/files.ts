// Indexed files of one repository, by path.
import { type Kysely, sql } from 'kysely';
import type { Tables } from './tables.js';

interface RepositoryKey {
  readonly projectId: string;
  readonly repositoryId: string;
}

/** Undefined when the path is not in the index. */
export async function indexedFile(
  db: Kysely<Tables>,
  { projectId, repositoryId }: RepositoryKey,
  path: string,
): Promise<{ readonly language: string | null } | undefined> {
  return db
    .selectFrom('code_files')
    .select('language')
    .where((file) => file.and({ project_id: projectId, repository_id: repositoryId, path }))
    .executeTakeFirst();
}

/** Paths that contain `part`, whatever the case, those that begin with it first; `total` counts them all. */
export async function pathsWith(
  db: Kysely<Tables>,
  { projectId, repositoryId }: RepositoryKey,
  part: string,
  limit: number,
): Promise<{ paths: string[]; total: number }> {
  const { rows } = await sql<{ path: string; total: number }>`
    select path, count(*) over ()::int as total from code_files
    where project_id = ${projectId} and repository_id = ${repositoryId} and strpos(lower(path), lower(${part})) > 0
    order by starts_with(lower(path), lower(${part})) desc, path limit ${limit}`.execute(db);
  return { paths: rows.map(({ path }) => path), total: rows[0]?.total ?? 0 };
}
