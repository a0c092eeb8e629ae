// What a caller may do, and the rule for paths: the one place that decides which project a request is about.
import { realpath } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { CodebaseError } from '../../errors.js';
import { parseProjectId } from '../../project.js';
import { resolveProject } from '../../project-config.js';

export interface Access {
  /** null: every project. */
  readonly projects: readonly string[] | null;
  readonly write: boolean;
}

/** A caller who may do everything: a program of this machine where no token is asked for. */
export const FULL: Access = { projects: null, write: true };

/** A repository in the index. */
export interface Known {
  readonly project: string;
  readonly path: string;
}

export interface Meant {
  readonly project: string;
  readonly path: string | undefined;
}

/** Does the answer have to be the same whether or not something exists that the caller may not see? */
export function isLimited({ projects, write }: Access): boolean {
  return projects !== null || !write;
}

/** One sentence for all: what is another's and what is not there must look alike. */
export function refused({ projects }: Access): CodebaseError {
  const whose = projects === null ? 'what is indexed' : `project ${projects.join(', ')}`;
  return new CodebaseError(
    'permission_denied',
    `Your token is for ${whose}; what was asked for is not part of that, or does not exist.`,
  );
}

export function requireWrite({ write }: Access): void {
  if (write) return;
  throw new CodebaseError(
    'permission_denied',
    'Your token is for reading; ask the operator for one made by codebase-mcp token create --write.',
  );
}

/**
 * Which project and path a request means. A limited caller reaches only repositories that its projects have already; nothing
 * is looked up for a project or path that is not its own. Others may also name what lies under `roots`, which are real
 * paths. `known`: the indexed repositories of these projects, or of all.
 */
export async function meantBy(
  { project, path }: { readonly project?: string | undefined; readonly path?: string | undefined },
  access: Access,
  roots: readonly string[],
  known: (projects: readonly string[] | null) => Promise<readonly Known[]>,
): Promise<Meant> {
  const explicit = project === undefined ? undefined : parseProjectId(project);
  const allowed = access.projects;
  if (explicit !== undefined && allowed !== null && !allowed.includes(explicit)) throw refused(access);
  if (path === undefined) return { project: explicit ?? (await usual(access)), path };
  const absolute = resolve(path);
  if (isLimited(access)) {
    const own = (await known(explicit === undefined ? allowed : [explicit])).filter((each) =>
      holds(each.path, absolute),
    );
    const real = own.length === 0 ? absolute : await realpath(absolute).catch(() => absolute);
    const [inner] = own.filter((each) => holds(each.path, real)).sort((a, b) => b.path.length - a.path.length);
    if (inner === undefined) throw refused(access);
    return { project: inner.project, path: real };
  }
  const real = await realpath(absolute).catch(() => absolute);
  const there = async () => (await known(null)).some((each) => holds(each.path, real));
  if (roots.some((root) => holds(root, real)) || (await there()))
    return { project: await resolveProject(explicit, real), path: real };
  throw new CodebaseError(
    'refused_path',
    `${path} is not under a directory that this server serves; start it with --root ${path} or index it from the command line.`,
  );
}

/** The project of a request that names none. */
async function usual(access: Access): Promise<string> {
  const { projects } = access;
  const fallback = await resolveProject(undefined, undefined);
  if (projects === null || projects.includes(fallback)) return fallback;
  const [only, ...others] = projects;
  if (only !== undefined && others.length === 0) return only;
  throw new CodebaseError('invalid_input', `Name one of your projects: ${projects.join(', ')}.`);
}

function holds(directory: string, path: string): boolean {
  return path === directory || path.startsWith(directory.endsWith(sep) ? directory : directory + sep);
}
