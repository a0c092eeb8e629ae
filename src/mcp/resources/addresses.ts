// Addresses of resources: `codebase://project`, `codebase://project/repository` and `codebase://project/repository/path`, the
// last with `?lines=10-40` for a part of the file. A repository is called by its name, or by its absolute path,
// percent-encoded, where two of a project have one name.
import { CodebaseError } from '../../errors.js';
import type { Codebase, Repository, StatusAnswer } from '../../service.js';

export const PROJECT_TEMPLATE = 'codebase://{project}';
export const REPOSITORY_TEMPLATE = `${PROJECT_TEMPLATE}/{repository}`;
export const FILE_TEMPLATE = `${REPOSITORY_TEMPLATE}/{+path}`;

export function addressOf(project: string, repository?: string, path?: string): string {
  const parts = [repository, ...(path?.split('/') ?? [])].filter((part) => part !== undefined);
  return [`codebase://${project}`, ...parts.map((part) => encodeURIComponent(part))].join('/');
}

/** What each repository of one project is called in addresses. */
export function namesOf(repositories: readonly Repository[]): ReadonlyMap<string, Repository> {
  const uses = (name: string): number => repositories.filter((each) => each.name === name).length;
  return new Map(repositories.map((each) => [uses(each.name) > 1 ? each.path : each.name, each]));
}

/** The repository that an address means, by its name or path, with what is known about the project. */
export async function repositoryNamed(
  codebase: Codebase,
  project: string,
  name: string,
): Promise<{ readonly repository: Repository; readonly status: StatusAnswer }> {
  const status = await codebase.status({ project });
  const names = namesOf(status.repositories);
  const repository = names.get(name) ?? status.repositories.find(({ path }) => path === name);
  if (repository !== undefined) return { repository, status };
  throw new CodebaseError(
    'not_found',
    `There is no repository ${name} in project ${project}; it has ${[...names.keys()].join(', ')}.`,
  );
}

export interface FilePart {
  readonly path: string;
  readonly start_line?: number;
  readonly end_line?: number;
}

/** The end of a file's address: its path and, after `?lines=` or `#L`, the lines wanted: 10-40, 10 or L10-L40. */
export function filePart(text: string): FilePart {
  const [, path = text, start, end = start] = /^(.*?)(?:\?lines=|#)L?(\d{1,8})(?:-L?(\d{1,8}))?$/s.exec(text) ?? [];
  if (start === undefined) return { path: decoded(text) };
  return { path: decoded(path), start_line: Math.max(1, Number(start)), end_line: Math.max(1, Number(end)) };
}

export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a lone percent sign stands for itself
  }
}
