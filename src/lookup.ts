// Names and paths that people give → projects, repositories and languages in the index, or one sentence that names the
// nearest there are.
import { realpath } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import type { Database, ProjectDatabase } from './database/database.js';
import { listProjects, type RepositoryRow, repositoriesOf } from './database/repositories.js';
import { CodebaseError } from './errors.js';
import { LANGUAGES, languageNamed } from './languages/catalog.js';
import { nearestNames } from './nearest.js';
import type { ProjectId } from './project.js';

type Db = ProjectDatabase['db'];

/** The repository of the project that holds the path, the innermost one. `path` is absolute and real. */
export async function repositoryAt(db: Db, project: ProjectId, path: string): Promise<RepositoryRow | undefined> {
  const rows = await repositoriesOf(db, project);
  return rows
    .filter((row) => path === row.path || path.startsWith(row.path.endsWith(sep) ? row.path : row.path + sep))
    .sort((a, b) => b.path.length - a.path.length)[0];
}

/** The same, or `not_found`. The path may be gone from disk: its index is still there. */
export async function indexedRepository(db: Db, project: ProjectId, path: string): Promise<RepositoryRow> {
  const real = await realpath(path).catch(() => resolve(path));
  const row = await repositoryAt(db, project, real);
  if (row !== undefined) return row;
  const paths = (await repositoriesOf(db, project)).map(({ path: known }) => known);
  const near = nearestNames(path, paths);
  const there =
    paths.length === 0 ? 'it has none' : `it has ${(near.length > 0 ? near : paths.slice(0, 3)).join(', ')}`;
  throw new CodebaseError(
    'not_found',
    `${path} is not indexed in project ${project} (${there}); run codebase-mcp index ${path}.`,
  );
}

/** Throws `not_found` unless something is indexed in the project. */
export async function existingProject(database: Database, project: ProjectId): Promise<ProjectId> {
  if ((await repositoriesOf(database.inProject(project).db, project)).length > 0) return project;
  throw noSuchProject(
    project,
    (await listProjects(database.allProjects)).map(({ id }) => id),
  );
}

/** `ids`: the projects that there are. */
export function noSuchProject(project: ProjectId, ids: readonly string[]): CodebaseError {
  const near = nearestNames(project, ids);
  const known =
    ids.length === 0
      ? 'nothing is indexed yet'
      : `did you mean ${(near.length > 0 ? near : ids.slice(0, 3)).join(' or ')}`;
  return new CodebaseError(
    'not_found',
    `There is no project ${project} (${known}); codebase-mcp index --project ${project} <path> makes it.`,
  );
}

/** What the system calls paths that lead nowhere. */
const NOWHERE = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP']);

/** The real path, or `not_found`. */
export async function existingPath(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EACCES')
      throw new CodebaseError('permission_denied', `${path} is in a directory that you may not read.`, {
        cause: error,
      });
    if (!NOWHERE.has(code)) throw error;
    throw new CodebaseError(
      'not_found',
      `${path} does not exist; give the path of a repository or of something in it.`,
      { cause: error },
    );
  }
}

/** The language that a person means by a name or alias, or `invalid_input`. */
export function knownLanguage(name: string): string {
  const language = languageNamed(name);
  if (language !== null) return language.name;
  const near = nearestNames(
    name,
    LANGUAGES.map((known) => known.name),
  );
  throw new CodebaseError(
    'invalid_input',
    `There is no language ${name}${near.length > 0 ? `; did you mean ${near.join(' or ')}` : ''}; codebase-mcp languages lists them.`,
  );
}
