// What is in the index: repositories and projects, with their sizes.
import { type Kysely, sql } from 'kysely';
import type { ProjectSummary, Repository } from '../service.js';
import type { Tables } from './tables.js';

/** Paths named per reason of what was left out. */
const EXAMPLES = 3;
const SHOWN_FAILURES = 20;

export interface RepositoryRow {
  readonly id: string;
  readonly path: string;
  readonly indexedAt: Date | null;
}

export async function repositoriesOf(db: Kysely<Tables>, projectId: string): Promise<readonly RepositoryRow[]> {
  return db
    .selectFrom('repositories')
    .select(['id', 'path', 'indexed_at as indexedAt'])
    .where('project_id', '=', projectId)
    .orderBy('path')
    .execute();
}

/** Repositories with the size of their index and what was left out, by project and path. */
export async function describeRepositories(
  db: Kysely<Tables>,
  filter: { readonly projectId?: string | undefined; readonly path?: string | undefined },
): Promise<readonly Repository[]> {
  const { rows } = await sql<Omit<Repository, 'indexed_at'> & { indexed_at: Date | null }>`
    select r.project_id as project, r.path, r.name, r.indexed_at,
           coalesce(f.files, 0)::int as files, coalesce(f.chunks, 0)::int as chunks,
           (coalesce(f.files, 0) + coalesce(s.files, 0) + e.files)::int as files_seen,
           coalesce(s.skipped, '[]') as skipped, coalesce(e.failed, '[]') as failed
    from repositories r
    left join lateral (
      select count(*) as files, sum(chunk_count) as chunks from code_files
      where project_id = r.project_id and repository_id = r.id
    ) f on true
    left join lateral (
      select json_agg(json_build_object('reason', reason, 'files', files, 'examples', examples) order by files desc, reason) as skipped,
             sum(files) as files
      from (
        select reason, count(*)::int as files, (array_agg(path order by path))[1:${sql.lit(EXAMPLES)}] as examples
        from skipped_files
        where project_id = r.project_id and repository_id = r.id and reason <> 'failed' group by reason
      ) by_reason
    ) s on true
    left join lateral (
      select json_agg(json_build_object('path', path, 'message', coalesce(detail, '')) order by path)
               filter (where place <= ${sql.lit(SHOWN_FAILURES)}) as failed,
             count(*) as files
      from (
        select path, detail, row_number() over (order by path) as place from skipped_files
        where project_id = r.project_id and repository_id = r.id and reason = 'failed'
      ) failures
    ) e on true
    where (${filter.projectId ?? null}::text is null or r.project_id = ${filter.projectId ?? null})
      and (${filter.path ?? null}::text is null or r.path = ${filter.path ?? null})
    order by r.project_id, r.path`.execute(db);
  return rows.map((row) => ({ ...row, indexed_at: row.indexed_at?.toISOString() ?? null }));
}

export async function listProjects(db: Kysely<Tables>): Promise<readonly ProjectSummary[]> {
  const { rows } = await sql<ProjectSummary>`
    select r.project_id as id, count(*)::int as repositories, coalesce(sum(f.files), 0)::int as files, coalesce(sum(f.chunks), 0)::int as chunks
    from repositories r
    left join lateral (
      select count(*) as files, sum(chunk_count) as chunks from code_files
      where project_id = r.project_id and repository_id = r.id
    ) f on true
    group by r.project_id order by r.project_id`.execute(db);
  return rows;
}

/** Remove a repository with everything stored for it; returns what that was. */
export async function removeRepository(
  db: Kysely<Tables>,
  projectId: string,
  id: string,
): Promise<{ readonly files: number; readonly chunks: number }> {
  return db.transaction().execute(async (tx) => {
    const counted = await sql<{ files: number; chunks: number }>`
      select count(*)::int as files, coalesce(sum(chunk_count), 0)::int as chunks
      from code_files where project_id = ${projectId} and repository_id = ${id}`.execute(tx);
    const path = await tx
      .deleteFrom('repositories')
      .where('project_id', '=', projectId)
      .where('id', '=', id)
      .returning('path')
      .executeTakeFirst();
    if (path !== undefined) {
      await tx
        .deleteFrom('index_jobs')
        .where('project_id', '=', projectId)
        .where('repository_path', '=', path.path)
        .execute();
    }
    return counted.rows[0] ?? { files: 0, chunks: 0 };
  });
}
