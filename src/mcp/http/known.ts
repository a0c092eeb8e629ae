// The indexed repositories, remembered for a moment: every request that names a path asks for them.
import { CodebaseError } from '../../errors.js';
import type { Codebase, StatusAnswer } from '../../service.js';
import type { Known } from './access.js';

const REMEMBERED_MS = 2000;

export class KnownRepositories {
  private readonly read = new Map<string | null, { readonly at: number; readonly found: Promise<readonly Known[]> }>();

  /** Those of the projects; null: of all. */
  async of(codebase: Codebase, projects: readonly string[] | null): Promise<readonly Known[]> {
    return (await Promise.all((projects ?? [null]).map((project) => this.remembered(codebase, project)))).flat();
  }

  private remembered(codebase: Codebase, project: string | null): Promise<readonly Known[]> {
    const last = this.read.get(project);
    if (last !== undefined && performance.now() - last.at < REMEMBERED_MS) return last.found;
    const found = statusOf(codebase, project).then((status) => status?.repositories ?? []);
    this.read.set(project, { at: performance.now(), found });
    found.catch(() => this.read.delete(project));
    return found;
  }
}

/** null when nothing is indexed in the project; `project` null: of all. */
export async function statusOf(codebase: Codebase, project: string | null): Promise<StatusAnswer | null> {
  try {
    return await codebase.status(project === null ? {} : { project });
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

export function isNotFound(error: unknown): boolean {
  return error instanceof CodebaseError && error.code === 'not_found';
}
