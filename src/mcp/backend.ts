// What the tools work on: the codebase, opened at the first call and not before, and the repository a call means when it
// names none.
import { resolve } from 'node:path';
import type { ServerContext } from '@modelcontextprotocol/server';
import type { Config } from '../config.js';
import { CodebaseError } from '../errors.js';
import type { Codebase } from '../service.js';
import { gitRoot } from './git-root.js';

export interface Backend {
  readonly config: Config;
  /**
   * The index as the caller of this request may see it: the only way from tools, resources, prompts and completions to it.
   * Opened at the first call; a failed opening is tried again at the next.
   */
  readonly codebase: (context: ServerContext) => Promise<Codebase>;
  /** Absolute path that a call means: the one it names, or the default; throws when there is neither. */
  readonly repository: (named: string | undefined) => string;
  /** The same for a search, which may also mean the whole of a project: undefined. */
  readonly searched: (named: string | undefined, project: string | undefined) => string | undefined;
}

/** The codebase that all requests of this process share. */
export interface SharedCodebase {
  readonly open: () => Promise<Codebase>;
  readonly close: () => Promise<void>;
}

/** `holder`: the command, as other processes are told. */
export function shareCodebase(config: Config, holder: string): SharedCodebase {
  let opening: Promise<Codebase> | null = null;
  const connect = async (): Promise<Codebase> =>
    (await import('../owner/connect.js')).connectCodebase(config, { holder, longLived: true });
  return {
    open: () => {
      opening ??= connect().catch((error: unknown) => {
        opening = null;
        throw error;
      });
      return opening;
    },
    close: async () => {
      const codebase = await opening?.catch(() => null);
      await codebase?.close();
    },
  };
}

/** The repository that the person named or is in; null when there is none. */
export async function usualRepository(named: string | undefined): Promise<string | null> {
  return named === undefined ? gitRoot(process.cwd()) : resolve(named);
}

/** Which path a call means; `usual` where it names none. `start`: the command that takes --repository. */
export function pathMeant(named: string | undefined, usual: string | null, start: string): string {
  if (named !== undefined) return resolve(usual ?? '.', named);
  if (usual !== null) return usual;
  throw new CodebaseError(
    'invalid_input',
    `No repository was named and the server’s working directory ${process.cwd()} is in no git repository; name one by its absolute path, or start the server as ${start} --repository PATH.`,
  );
}
