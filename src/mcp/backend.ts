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
  readonly close: () => Promise<void>;
}

export async function createBackend(config: Config, repository: string | undefined): Promise<Backend> {
  const fallback = repository === undefined ? await gitRoot(process.cwd()) : resolve(repository);
  let opening: Promise<Codebase> | null = null;
  const open = async (): Promise<Codebase> =>
    (await import('../owner/connect.js')).connectCodebase(config, { holder: 'codebase-mcp mcp', longLived: true });
  return {
    config,
    codebase: () => {
      opening ??= open().catch((error: unknown) => {
        opening = null;
        throw error;
      });
      return opening;
    },
    repository: (named) => pathMeant(named, fallback),
    close: async () => {
      const codebase = await opening?.catch(() => null);
      await codebase?.close();
    },
  };
}

function pathMeant(named: string | undefined, fallback: string | null): string {
  if (named !== undefined) return resolve(fallback ?? '.', named);
  if (fallback !== null) return fallback;
  throw new CodebaseError(
    'invalid_input',
    `No repository was named and the server’s working directory ${process.cwd()} is in no git repository; name one by its absolute path, or start the server as codebase-mcp mcp --repository PATH.`,
  );
}
