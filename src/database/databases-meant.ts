// Which databases a `db` command means: the one there is, or those of projects where each has its own.
import type { Config } from '../config.js';
import { readConnection } from '../connection-reference.js';
import { CodebaseError } from '../errors.js';
import { parseProjectId } from '../project.js';
import { connectServer } from './database.js';
import { databaseName, urlWithDatabase } from './project-databases.js';
import { Registry, registryExists } from './registry.js';

export interface DatabaseMeant {
  /** Undefined for the embedded database. */
  readonly databaseUrl: string | undefined;
  /** The project whose database it is; null where all share one. */
  readonly name: string | null;
}

/** Throws when a project or all are named where there is one database, or none is named where there are several. */
export async function databasesMeant(
  { databaseUrl }: Config,
  { project, all }: { readonly project: string | undefined; readonly all: boolean },
): Promise<readonly DatabaseMeant[]> {
  const registered = databaseUrl === undefined ? null : await registeredAt(databaseUrl);
  if (registered === null) {
    if (project === undefined && !all) return [{ databaseUrl, name: null }];
    throw new CodebaseError('usage', 'All projects share one database here; leave --project and --all out.');
  }
  const id = project === undefined ? undefined : parseProjectId(project);
  const meant = registered.filter((each) => all || each.name === id);
  if (id === undefined && !all) {
    throw new CodebaseError(
      'usage',
      `Each of the ${registered.length} projects has a database of its own here; name one with --project, or all with --all.`,
    );
  }
  if (id !== undefined && meant.length === 0)
    throw new CodebaseError('not_found', `There is no project ${id}; codebase-mcp projects lists those there are.`);
  return meant;
}

async function registeredAt(url: string): Promise<readonly DatabaseMeant[] | null> {
  const server = await connectServer(url, 1);
  try {
    if (!(await registryExists(server.db))) return null;
    const projects = await (await Registry.open(server.db)).list();
    return await Promise.all(
      projects.map(async ({ id, connection }) => ({
        name: id,
        databaseUrl: connection === null ? urlWithDatabase(url, databaseName(id)) : await readConnection(connection),
      })),
    );
  } finally {
    await server.close();
  }
}
