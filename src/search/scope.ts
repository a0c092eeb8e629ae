// What a search looks at: a project, repositories of it, and filters. Filters hold before ranking.
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Tables } from '../database/tables.js';
import type { PathFilter } from './glob.js';

export interface Scope {
  readonly projectId: string;
  readonly repositoryIds: readonly string[];
  readonly paths: PathFilter;
  /** Empty means any. */
  readonly languages: readonly string[];
}

/** Condition on the rows of a table with `project_id` and `repository_id`. */
export function inRepositories(scope: Scope, table: string): RawBuilder<boolean> {
  const t = sql.ref(table);
  return sql`${t}.project_id = ${scope.projectId} and ${t}.repository_id = any(${scope.repositoryIds}::uuid[])`;
}

/** Condition on `code_files f`: in the repositories, and past the filters. */
export function inScope(scope: Scope): RawBuilder<boolean> {
  return sql.join([inRepositories(scope, 'f'), ...filtersOf(scope)], sql` and `);
}

/**
 * Ids of the files that pass the filters; null when there are none. PostgreSQL matches the globs: its regular expressions
 * take linear time, where a glob of many stars would keep JavaScript's busy for ever.
 */
export async function passingFilters(db: Kysely<Tables>, scope: Scope): Promise<ReadonlySet<string> | null> {
  if (filtersOf(scope).length === 0) return null;
  const { rows } = await sql<{ ids: string | null }>`
    select string_agg(f.id::text, ' ') as ids from code_files f where ${inScope(scope)}`.execute(db);
  return new Set(rows[0]?.ids?.split(' '));
}

function filtersOf({ languages, paths }: Scope): readonly RawBuilder<boolean>[] {
  const filters: RawBuilder<boolean>[] = [];
  if (languages.length > 0) filters.push(sql`f.language = any(${languages}::text[])`);
  if (paths.include.length > 0) filters.push(sql`f.path ~ any(${paths.include}::text[])`);
  if (paths.exclude.length > 0) filters.push(sql`not f.path ~ any(${paths.exclude}::text[])`);
  return filters;
}
