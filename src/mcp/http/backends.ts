// What the tools of one caller work on: the shared codebase behind the guard, and what the caller means when it names no path.
import type { AuthInfo } from '@modelcontextprotocol/server';
import type { Config } from '../../config.js';
import { CodebaseError } from '../../errors.js';
import { type Backend, pathMeant, type SharedCodebase } from '../backend.js';
import { type Access, FULL, isLimited } from './access.js';
import { guard } from './guard.js';
import type { KnownRepositories } from './known.js';

export interface BackendOptions {
  readonly config: Config;
  readonly shared: SharedCodebase;
  /** Repository that callers without limits mean when they name none. */
  readonly usual: string | null;
  /** Real paths of the directories below which they may name anything. */
  readonly roots: readonly string[];
  readonly known: KnownRepositories;
}

export function backendFor(
  auth: AuthInfo | undefined,
  { config, shared, usual, roots, known }: BackendOptions,
): Backend {
  const access = auth === undefined ? FULL : (auth.extra as { readonly access: Access }).access;
  const codebase = async () => guard(await shared.open(), { access, roots, known });
  const limited = isLimited(access);
  const repository = (named: string | undefined) => {
    if (named === undefined && limited)
      throw new CodebaseError('invalid_input', 'Name the repository by its absolute path; list_projects shows yours.');
    return pathMeant(named, limited ? null : usual, 'codebase-mcp serve');
  };
  const searched = (named: string | undefined) => {
    return named === undefined && (limited || usual === null) ? undefined : repository(named);
  };
  return { config, codebase, repository, searched };
}
