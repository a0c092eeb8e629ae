// The codebase as one caller may see it: every tool, resource, prompt and completion works on this and on nothing else.
import { CodebaseError } from '../../errors.js';
import type { Codebase, Job, StatusAnswer } from '../../service.js';
import { type Access, isLimited, type Meant, meantBy, refused, requireWrite } from './access.js';
import { isNotFound, type KnownRepositories, statusOf } from './known.js';

export interface Guarding {
  readonly access: Access;
  /** Real paths of the directories below which a caller without limits may name anything. */
  readonly roots: readonly string[];
  readonly known: KnownRepositories;
}

interface Named {
  readonly project?: string | undefined;
  readonly path?: string | undefined;
}

export function guard(codebase: Codebase, guarding: Guarding): Codebase {
  const { access } = guarding;
  const mayRead = (project: string) => access.projects === null || access.projects.includes(project);
  const meant = (named: Named): Promise<Meant> =>
    meantBy(named, access, guarding.roots, (projects) => guarding.known.of(codebase, projects));
  /** A sentence about what is not there may name what is there and another's. */
  const quiet = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw isLimited(access) && isNotFound(error) ? refused(access) : error;
    }
  };
  const jobOf = async (id: string): Promise<Job> => {
    const job = await quiet(codebase.job(id));
    if (!mayRead(job.project)) throw refused(access);
    return job;
  };
  const writable = async (request: Named & { readonly path: string }) => {
    requireWrite(access);
    const { project, path = request.path } = await meant(request);
    return { project, path };
  };
  const existing = async () => (await codebase.projects()).map(({ id }) => id).filter(mayRead);
  /** How many projects are open is about others too. */
  const seen = (status: StatusAnswer): StatusAnswer => (isLimited(access) ? { ...status, pools: null } : status);
  const within = async <R extends { readonly project?: string | undefined; readonly repository: string }>(
    request: R,
  ) => {
    const { project, path: repository = request.repository } = await meant({
      project: request.project,
      path: request.repository,
    });
    return { ...request, project, repository };
  };
  return {
    index: async (request, options) => quiet(codebase.index(await writable(request), options)),
    startIndexing: async (request) => quiet(codebase.startIndexing(await writable(request))),
    remove: async (request) => quiet(codebase.remove(await writable(request))),
    job: jobOf,
    cancel: async (id) => {
      requireWrite(access);
      await jobOf(id);
      return quiet(codebase.cancel(id));
    },
    removeProject: async (request) => {
      requireWrite(access);
      await meant(request);
      return quiet(codebase.removeProject(request));
    },
    renameProject: async (request) => {
      requireWrite(access);
      await meant(request);
      await meant({ project: request.to });
      return quiet(codebase.renameProject(request));
    },
    moveProject: forOperators,
    addProject: forOperators,
    search: async (request, options) => {
      if (request.all_projects || request.projects !== undefined) {
        for (const project of request.projects ?? []) await meant({ project });
        const projects = request.projects ?? (access.projects === null ? undefined : await existing());
        const own = { ...request, project: undefined, repository: undefined };
        return quiet(codebase.search({ ...own, projects, all_projects: projects === undefined }, options));
      }
      const { project, path } = await meant({ project: request.project, path: request.repository });
      return quiet(codebase.search({ ...request, project, repository: path }, options));
    },
    related: async (request, options) => {
      const { project, path: file = request.file } = await meant({ project: request.project, path: request.file });
      const { path: repository } = await meant({ project, path: request.repository });
      return quiet(codebase.related({ ...request, project, file, repository }, options));
    },
    readFile: async (request) => quiet(codebase.readFile(await within(request))),
    listPaths: async (request) => quiet(codebase.listPaths(await within(request))),
    status: async (request) => {
      if (request.project !== undefined || request.path !== undefined)
        return seen(await quiet(codebase.status(await meant(request))));
      return seen(await (access.projects === null ? codebase.status({}) : joined(codebase, access, access.projects)));
    },
    projects: async () => (await codebase.projects()).filter(({ id }) => mayRead(id)),
    close: async () => {}, // it is the server's and has other users
  };
}

/** What leads to databases elsewhere, by the variables and files of this machine, is nothing for a client of the network. */
async function forOperators(): Promise<never> {
  throw new CodebaseError(
    'permission_denied',
    'Projects are added and moved with codebase-mcp projects on the machine of the server, not over HTTP.',
  );
}

async function joined(codebase: Codebase, access: Access, projects: readonly string[]): Promise<StatusAnswer> {
  const unavailable: StatusAnswer['unavailable'] = [];
  let failure: CodebaseError | undefined;
  const ask = async (project: string): Promise<StatusAnswer | null> => {
    try {
      return await statusOf(codebase, project);
    } catch (error) {
      if (!(error instanceof CodebaseError)) throw error;
      failure = error;
      unavailable.push({ project, reason: error.message });
      return null;
    }
  };
  const own = (await Promise.all(projects.map(ask))).filter((status) => status !== null);
  const [first] = own;
  if (first === undefined) throw failure ?? refused(access);
  const repositories = own.flatMap((status) => status.repositories);
  return { ...first, repositories, unavailable, jobs: own.flatMap(({ jobs }) => jobs) };
}
