// Where a search looks when its caller names a project, or a repository, or is only near one: what only happens to be near
// is never indexed into a project that somebody names, which may be another client's.
import { CodebaseError } from './errors.js';
import { resolveProject } from './project-config.js';
import type { Codebase } from './service.js';

export interface Wanted {
  readonly project: string | undefined;
  /** Absolute path that the caller named, or that it is at. */
  readonly path: string | undefined;
  /** It named the path. */
  readonly named: boolean;
  /** All of the project. */
  readonly whole: boolean | undefined;
}

/** A search's project and repository; without a repository it is all of the project. */
export async function searchScope(
  codebase: Pick<Codebase, 'status'>,
  { project, path, named, whole }: Wanted,
): Promise<{ readonly project: string | undefined; readonly repository: string | undefined }> {
  if (path === undefined) return { project, repository: undefined };
  if (whole) return { project: project ?? (await resolveProject(undefined, path)), repository: undefined };
  const near = named || project === undefined || (await holds(codebase, project, path));
  return { project, repository: near ? path : undefined };
}

async function holds(codebase: Pick<Codebase, 'status'>, project: string, path: string): Promise<boolean> {
  try {
    await codebase.status({ project, path });
    return true;
  } catch (error) {
    if (error instanceof CodebaseError && ELSEWHERE.has(error.code)) return false;
    throw error;
  }
}

/** The second is what a caller with a token is told of what is not its own. */
const ELSEWHERE: ReadonlySet<string> = new Set(['not_found', 'permission_denied']);
