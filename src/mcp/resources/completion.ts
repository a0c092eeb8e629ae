// Completion of project names, repository names and paths, in addresses of resources and in arguments of prompts. One handler
// of our own, because the SDK's completers do not know whose request it is.
import type { McpServer, ServerContext } from '@modelcontextprotocol/server';
import { CodebaseError } from '../../errors.js';
import type { Codebase } from '../../service.js';
import type { Backend } from '../backend.js';
import { namesOf, repositoryNamed } from './addresses.js';

/** The protocol's limit of one answer. */
const MOST = 100;

interface Asked {
  readonly value: string;
  /** Arguments that are filled in already. */
  readonly given: Readonly<Record<string, string>>;
}

interface Completion {
  readonly values: readonly string[];
  readonly total: number;
}

export function registerCompletion(server: McpServer, backend: Backend): void {
  server.server.setRequestHandler('completion/complete', async ({ params }, context: ServerContext) => {
    const { name, value } = params.argument;
    const complete = Object.hasOwn(COMPLETERS, name) ? COMPLETERS[name] : undefined;
    const asked = { value, given: params.context?.arguments ?? {} };
    const { values, total } = (await complete?.(await backend.codebase(context), asked).catch(nothing)) ?? NOTHING;
    return { completion: { values: [...values], total, hasMore: total > values.length } };
  });
}

const NOTHING: Completion = { values: [], total: 0 };

/** What does not exist, or is another's, completes to nothing. */
function nothing(error: unknown): Completion {
  if (error instanceof CodebaseError) return NOTHING;
  throw error;
}

const COMPLETERS: Readonly<Record<string, (codebase: Codebase, asked: Asked) => Promise<Completion>>> = {
  project: async (codebase, { value }) =>
    matching(
      (await codebase.projects()).map(({ id }) => id),
      value,
    ),
  repository: async (codebase, { value, given }) => {
    const { repositories } = await codebase.status({ project: given['project'] });
    return matching([...namesOf(repositories).keys()], value);
  },
  path: async (codebase, { value, given }) => {
    const { project = '', repository = '' } = given;
    const { repository: found } = await repositoryNamed(codebase, project, repository);
    const { paths, total } = await codebase.listPaths({ project, repository: found.path, part: value, limit: MOST });
    return { values: paths, total };
  },
};

function matching(names: readonly string[], value: string): Completion {
  const part = value.toLowerCase();
  const found = names.filter((name) => name.toLowerCase().includes(part)).sort();
  return { values: found.slice(0, MOST), total: found.length };
}
