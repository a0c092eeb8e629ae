// Compares the registry with the databases that are there, both ways, and sets right what differs.
import { CodebaseError } from '../errors.js';
import type { ProjectId } from '../project.js';
import type { Database } from './database.js';
import type { ProjectDatabase } from './project-databases.js';
import type { ProjectServer } from './project-server.js';
import type { RegisteredProject } from './registry.js';

export interface Problem {
  /** What is wrong, in words. */
  readonly problem: string;
  /** What the repair does, or what somebody has to do, in words. */
  readonly remedy: string;
}

export interface Finding extends Problem {
  readonly repair: () => Promise<void>;
}

/** Whether the projects of a shared database have the second wall between them, which opening it has tried to raise. */
export function examineWall({ wall, description }: Pick<Database, 'wall' | 'description'>): readonly Problem[] {
  if (wall === null || wall.role !== null) return [];
  const problem = `Row-level security does not hold between the projects of ${description}`;
  return [{ problem, remedy: `have an administrator of that database run: ${wall.statements}` }];
}

export async function examine(server: ProjectServer): Promise<readonly Finding[]> {
  const [registered, databases] = [await server.registry.list(), await server.databases.list()];
  const there = new Set(databases.map(({ project }) => project));
  const known = new Set(registered.map(({ id }) => id));
  const here = registered.filter(({ connection }) => connection === null);
  const away = registered.filter(({ connection }) => connection !== null);
  const mixed: Finding[] = [];
  // One after the other: each opens a connection.
  for (const each of here) if (there.has(each.id)) mixed.push(...(await mixedRows(server, each)));
  for (const each of away) mixed.push(...(await mixedRows(server, each).catch(unlessAway)));
  return [
    ...here.filter(({ id }) => !there.has(id)).map(({ id }) => withoutDatabase(server, id)),
    ...databases.flatMap(({ project, name }) =>
      project !== null && !known.has(project) ? [withoutEntry(server, project, name)] : [],
    ),
    ...away.filter(({ id }) => there.has(id)).map((moved) => leftBehind(server, moved)),
    ...databases.filter(({ project }) => project === null).map((draft) => abandoned(server, draft)),
    ...mixed,
  ];
}

function withoutDatabase(server: ProjectServer, project: ProjectId): Finding {
  return {
    problem: `Project ${project} is in the registry and has no database`,
    remedy: 'take it out of the registry; index its repositories again',
    repair: () =>
      server.registry.locked([project], async () => {
        if ((await server.databases.find(project)) === undefined) await server.registry.remove(project);
      }),
  };
}

function withoutEntry(server: ProjectServer, project: ProjectId, name: string): Finding {
  return {
    problem: `The database ${name} is not in the registry`,
    remedy: `enter it as project ${project}`,
    repair: () =>
      server.registry.locked([project], async () => {
        if ((await server.databases.find(project)) !== undefined) await server.registry.add(project);
      }),
  };
}

function leftBehind(server: ProjectServer, { id, connection }: RegisteredProject): Finding {
  return {
    problem: `Project ${id} is at ${connection}, and a database of it is here too, from a move that did not come to its end`,
    remedy: 'drop the one here',
    repair: () =>
      server.registry.locked([id], async () => {
        if ((await server.registry.find(id))?.connection) await server.drop(id);
      }),
  };
}

function abandoned(server: ProjectServer, draft: ProjectDatabase): Finding {
  return {
    problem: `The database ${draft.name} was begun for project ${draft.meantFor} and not finished`,
    remedy: 'drop it, unless somebody is at it now',
    repair: () => server.registry.locked([draft.meantFor], () => server.databases.drop(draft.name)),
  };
}

/** The list of projects says so. */
function unlessAway(error: unknown): readonly Finding[] {
  if (error instanceof CodebaseError) return [];
  throw error;
}

async function mixedRows(server: ProjectServer, project: RegisteredProject): Promise<readonly Finding[]> {
  const others = await server.otherRows(project);
  return others.map((other) => ({
    problem: `The database of project ${project.id} holds rows of ${other}, from a rename that did not come to its end`,
    remedy: `give them to ${project.id}`,
    repair: () => server.registry.locked([project.id], () => server.claimRows(project)),
  }));
}
