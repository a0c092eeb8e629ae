// Where a project's database is, changed: to a server of its own and back, to another installation and from there.
import type { Config, Isolation } from '../config.js';
import { readConnection } from '../connection-reference.js';
import { CodebaseError } from '../errors.js';
import type { Logger } from '../log.js';
import type { ProjectId } from '../project.js';
import { connectServer, type Database, type OpenOptions, openDatabase } from './database.js';
import { type Departure, leaving, type MoveOptions } from './project-copy.js';
import { hasRows, projectsWithRows } from './project-rows.js';
import { atItsOwn, connectProjects, foundElsewhere, type ProjectServer } from './project-server.js';
import type { TableSum } from './project-sums.js';
import { type RegisteredProject, registryExists } from './registry.js';

export interface Moved {
  /** The place that the project is at now, in words. */
  readonly to: string;
  readonly tables: readonly TableSum[];
}

/** Another installation: what DATABASE_URL and CODEBASE_MCP_ISOLATION are there. */
export interface Installation {
  readonly url: string;
  /** Where the URL was found: DATABASE_URL, or a reference. */
  readonly foundIn: string;
  readonly isolation?: Isolation | undefined;
}

export interface Mover extends MoveOptions {
  readonly config: Config;
  readonly options: OpenOptions;
  readonly log: Logger;
}

/** Registers where the project is to be, or is. `to`: a reference, or null for this server. */
export async function moveWithin(
  server: ProjectServer,
  project: ProjectId,
  to: string | null,
  options: MoveOptions,
): Promise<Moved> {
  return await server.registry.locked([project], async () => {
    const found = await server.require(project);
    if (found.connection === to) {
      // A move that was killed may have left its database here.
      if (to !== null) await server.drop(project);
      return await server.with(found, async (database) => ({ to: database.description, tables: [] }));
    }
    const moved = await server.with(found, (source) =>
      leaving(source, project, (departure) =>
        to === null ? arriveHere(server, departure, options) : arriveAt(server, departure, to, options),
      ),
    );
    await server.takeAway(found);
    server.log.info({ project, to: moved.to }, 'project moved');
    return moved;
  });
}

/** What is here under the project's name is left from a move that was killed: the registry has it elsewhere. */
async function arriveHere(server: ProjectServer, departure: Departure, options: MoveOptions): Promise<Moved> {
  const { project } = departure;
  await server.drop(project);
  let tables: readonly TableSum[] = [];
  await server.create(project, async (database) => {
    tables = await departure.copyTo(database, options);
  });
  await server.registry.add(project);
  return { to: server.description, tables };
}

async function arriveAt(
  server: ProjectServer,
  departure: Departure,
  reference: string,
  options: MoveOptions,
): Promise<Moved> {
  const { project } = departure;
  return await withOwnDatabase(server, project, reference, async (database) => {
    const tables = await departure.copyTo(database, options);
    await database.maintain();
    await server.registry.add(project, reference);
    return { to: database.description, tables };
  });
}

/** Registers a project that is not there yet and has a database of its own elsewhere. Returns that place in words. */
export async function addProject(server: ProjectServer, project: ProjectId, reference: string): Promise<string> {
  return await server.registry.locked([project], () =>
    withOwnDatabase(server, project, reference, async ({ description }) => {
      await server.registry.add(project, reference);
      return description;
    }),
  );
}

/** The database behind a reference, with the schema, when it can be one project's alone. */
async function withOwnDatabase<T>(
  server: ProjectServer,
  project: ProjectId,
  reference: string,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const url = await readConnection(reference);
  for (const other of await server.registry.list()) {
    if (other.id !== project && other.connection === reference) throw anothers(reference, [other.id]);
  }
  const database = await openOwn(server, { id: project, connection: reference }, url);
  try {
    const others = (await projectsWithRows(database.allProjects)).filter((id) => id !== project);
    if (others.length > 0) throw anothers(reference, others);
    return await work(database);
  } finally {
    await database.close();
  }
}

async function openOwn(server: ProjectServer, project: RegisteredProject, databaseUrl: string): Promise<Database> {
  try {
    await refuseRegistry(databaseUrl, String(project.connection));
    return await openDatabase({ ...server.config, databaseUrl }, server.options);
  } catch (error) {
    if (!(error instanceof CodebaseError)) throw error;
    const { code, message } = atItsOwn(project, error);
    // It is none of all the projects that the command would see.
    const one = message.replace(
      'db upgrade --all',
      `db upgrade with DATABASE_URL set to the URL of ${project.connection}`,
    );
    throw new CodebaseError(code, one, { cause: error });
  }
}

async function refuseRegistry(url: string, reference: string): Promise<void> {
  const there = await connectServer(url, 1);
  try {
    if (!(await registryExists(there.db))) return;
    throw new CodebaseError(
      'invalid_input',
      `${reference} leads to ${there.description}, which is a registry of projects; name a database that is for this project alone.`,
    );
  } finally {
    await there.close();
  }
}

function anothers(reference: string, projects: readonly string[]): CodebaseError {
  return new CodebaseError(
    'in_use',
    `The database of ${reference} is that of project ${projects.join(', ')}; name one that is for this project alone.`,
  );
}

/** Carries a project out of a database that projects share to another installation, where it lives as if indexed there. */
export async function sendTo(
  mover: Mover,
  from: Database,
  project: ProjectId,
  installation: Installation,
): Promise<Moved> {
  return await leaving(from, project, async (departure) => {
    let tables: readonly TableSum[] = [];
    const receive = async (database: Database) => {
      tables = await departure.copyTo(database, mover);
      await database.maintain();
    };
    const to = await atInstallation(mover, installation, {
      shared: async (database) => {
        await receive(database);
        return database.description;
      },
      server: async (server) => {
        await server.receive(project, receive);
        return server.description;
      },
    });
    await departure.deleteRows();
    return { to, tables };
  });
}

/** The same the other way. */
export async function fetchFrom(
  mover: Mover,
  to: Database,
  project: ProjectId,
  installation: Installation,
): Promise<Moved> {
  const copy = (departure: Departure) => departure.copyTo(to, mover);
  const tables = await atInstallation(mover, installation, {
    shared: async (database) => {
      if (!(await hasRows(database.inProject(project).db, project))) throw nothingToMove(project, database.description);
      return await leaving(database, project, async (departure) => {
        const sums = await copy(departure);
        await departure.deleteRows();
        return sums;
      });
    },
    server: (server) =>
      server.registry.locked([project], async () => {
        const found = await server.require(project);
        const sums = await server.with(found, (database) => leaving(database, project, copy));
        await server.takeAway(found);
        await server.registry.remove(project);
        return sums;
      }),
  });
  return { to: to.description, tables };
}

async function atInstallation<T>(
  { config, options, log }: Mover,
  { url, foundIn, isolation }: Installation,
  work: { shared: (database: Database) => Promise<T>; server: (server: ProjectServer) => Promise<T> },
): Promise<T> {
  const there = { ...config, databaseUrl: url, server: { ...config.server, isolation } };
  const connect = async () => {
    const kind = await connectProjects(there, options, log);
    return kind.isolation === 'database' ? kind : { ...kind, database: await openDatabase(kind.config, options) };
  };
  const kind = await connect().catch((error: unknown) => {
    throw error instanceof CodebaseError ? foundElsewhere(foundIn, error) : error;
  });
  const place = kind.isolation === 'database' ? kind.server : kind.database;
  try {
    return await (kind.isolation === 'database' ? work.server(kind.server) : work.shared(kind.database));
  } finally {
    await place.close();
  }
}

function nothingToMove(project: ProjectId, place: string): CodebaseError {
  return new CodebaseError(
    'not_found',
    `There is no project ${project} at ${place}; codebase-mcp projects lists those there are.`,
  );
}
