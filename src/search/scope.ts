// What a search looks at, as SQL: a project, repositories of it, and filters. Filters hold before ranking.
import { type RawBuilder, sql } from 'kysely';
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

/** Condition on `code_files`, under the alias given. */
export function inScope(scope: Scope, alias: string): RawBuilder<boolean> {
  const f = sql.ref(alias);
  const conditions = [inRepositories(scope, alias)];
  if (scope.languages.length > 0) conditions.push(sql`${f}.language = any(${scope.languages}::text[])`);
  if (scope.paths.include.length > 0) conditions.push(sql`${f}.path ~ any(${scope.paths.include}::text[])`);
  if (scope.paths.exclude.length > 0) conditions.push(sql`not ${f}.path ~ any(${scope.paths.exclude}::text[])`);
  return sql.join(conditions, sql` and `);
}

/** Condition on a table of embeddings: by repository where that says it all, by file where filters choose. */
export function inScopeByFile(scope: Scope, alias: string): RawBuilder<boolean> {
  const filtered = scope.languages.length + scope.paths.include.length + scope.paths.exclude.length > 0;
  if (!filtered) return inRepositories(scope, alias);
  const e = sql.ref(alias);
  return sql`${inRepositories(scope, alias)} and ${e}.file_id in (select f.id from code_files f where ${inScope(scope, 'f')})`;
}
