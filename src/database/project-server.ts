// A PostgreSQL server with a database for every project: its registry, and the databases made, opened, renamed and removed.
import type { Config } from '../config.js';
import { readConnection } from '../connection-reference.js';
import { CodebaseError } from '../errors.js';
import type { Logger } from '../log.js';
import type { ProjectId } from '../project.js';
import { type Connection, connectServer, type Database, type OpenOptions, openDatabase } from './database.js';
import { decideIsolation, requireCreateDatabase } from './isolation.js';
import { connectionsPerPool, REGISTRY_CONNECTIONS } from './limits.js';
import { databaseName, ProjectDatabases, urlWithDatabase } from './project-databases.js';
import { bytesOf, deleteRows, projectsWithRows, renameRows } from './project-rows.js';
import { type RegisteredProject, Registry } from './registry.js';
import { isNoSuchDatabase } from './sqlstates.js';

/** What a server turned out to be, with the connections per pool decided. */
export type ServerKind =
  | { readonly isolation: 'shared'; readonly config: Config }
  | { readonly isolation: 'database'; readonly server: ProjectServer };

/** Decides how the projects of a server are kept, and opens its registry where each has a database. */
export async function connectProjects(config: Config, options: OpenOptions, log: Logger): Promise<ServerKind> {
  const control = await connectServer(config.databaseUrl ?? '', REGISTRY_CONNECTIONS);
  try {
    const { db, place } = control;
    const isolation = await decideIsolation(db, place, config.server.isolation);
    const maxConnectionsPerPool = await connectionsPerPool(db, place, isolation, config.server);
    const decided = { ...config, server: { ...config.server, isolation, maxConnectionsPerPool } };
    if (isolation === 'shared') {
      await control.close();
      return { isolation, config: decided };
    }
    return { isolation, server: new ProjectServer(decided, options, log, control, await Registry.open(db)) };
  } catch (error) {
    await control.close();
    throw error;
  }
}

export class ProjectServer {
  readonly config: Config;
  /** Engine, version and where the data is, in words. */
  readonly description: string;
  /** Where the data is, for messages. */
  readonly place: string;
  readonly registry: Registry;
  readonly databases: ProjectDatabases;
  readonly options: OpenOptions;
  readonly log: Logger;
  private readonly control: Connection;

  constructor(config: Config, options: OpenOptions, log: Logger, control: Connection, registry: Registry) {
    this.config = config;
    this.options = options;
    this.log = log;
    this.control = control;
    this.description = control.description;
    this.place = control.place;
    this.registry = registry;
    this.databases = new ProjectDatabases(control.db, registry.id);
  }

  /** The project's database with its schema at head; null when there is no such project and none is to be made. */
  async open(project: ProjectId, make: boolean): Promise<Database | null> {
    const found = (await this.registry.find(project)) ?? (make ? await this.make(project) : undefined);
    return found === undefined ? null : await this.connect(found);
  }

  /** Drops the project's database, or its rows where it is on a server of its own; returns the bytes they took. */
  async remove(project: ProjectId): Promise<number> {
    return await this.registry.locked([project], async () => {
      const found = await this.registry.find(project);
      const bytes = await this.takeAway(found ?? { id: project, connection: null });
      await this.registry.remove(project);
      this.log.info({ project, bytes }, 'project removed');
      return bytes;
    });
  }

  /**
   * The database first: should this be the last thing done, `doctor` finds what is left to do. One on another server may be
   * away: its rows come before the registry.
   */
  async rename(project: ProjectId, to: ProjectId): Promise<void> {
    await this.registry.locked([project, to], async () => {
      const found = await this.require(project);
      const renamed = { ...found, id: to };
      if (found.connection !== null) await this.claimRows(renamed);
      else {
        if ((await this.databases.find(project)) === undefined) throw withoutDatabase(project);
        await this.databases.rename(project, to);
      }
      await this.registry.rename(project, to);
      if (found.connection === null) await this.claimRows(renamed);
      this.log.info({ project, to }, 'project renamed');
    });
  }

  /** Projects of rows in a project's database that are not its own, because a rename did not come to its end. */
  async otherRows(project: RegisteredProject): Promise<readonly string[]> {
    return await this.with(project, ({ allProjects }) => others(allProjects, project.id));
  }

  /** Gives such rows to the project. */
  async claimRows(project: RegisteredProject): Promise<void> {
    await this.with(project, async ({ allProjects }) => {
      for (const other of await others(allProjects, project.id)) await renameRows(allProjects, other, project.id);
    });
  }

  async close(): Promise<void> {
    await this.control.close();
  }

  /** The URL of a project's database, which may hold a password. */
  async urlOf(project: RegisteredProject): Promise<string> {
    return project.connection === null
      ? this.urlHere(databaseName(project.id))
      : await readConnection(project.connection);
  }

  /** The project, which must be locked, or `not_found`. */
  async require(project: ProjectId): Promise<RegisteredProject> {
    const found = await this.registry.find(project);
    if (found === undefined) throw new CodebaseError('not_found', `There is no project ${project} any more.`);
    return found;
  }

  /** Lets `put` carry a project here, with a database that is made whole or not at all where it has none yet. */
  async receive(project: ProjectId, put: (database: Database) => Promise<void>): Promise<void> {
    await this.registry.locked([project], async () => {
      const found = await this.registry.find(project);
      if (found === undefined && (await this.databases.find(project)) === undefined) await this.create(project, put);
      else await this.with(found ?? { id: project, connection: null }, put);
      if (found === undefined) await this.registry.add(project);
    });
  }

  /** Makes the database of a project with what `put` brings into it. The project must be locked. */
  async create(project: ProjectId, put: (database: Database) => Promise<void> = async () => {}): Promise<void> {
    await requireCreateDatabase(this.control.db, this.place);
    await this.databases.create(project, (draft) => this.fill(project, draft, put));
    this.log.info({ project, database: databaseName(project) }, 'project database made');
  }

  /** Runs `work` on the project's database, on connections of its own. */
  async with<T>(project: RegisteredProject, work: (database: Database) => Promise<T>): Promise<T> {
    const database = await this.connect(project);
    try {
      return await work(database);
    } finally {
      await database.close();
    }
  }

  /** Drops the project's database, or its rows where it has a server of its own; returns the bytes they took. */
  async takeAway(project: RegisteredProject): Promise<number> {
    return project.connection === null ? await this.drop(project.id) : await this.removeRows(project);
  }

  /** Drops the database that the project has on this server, if any; returns the bytes it took. */
  async drop(project: ProjectId): Promise<number> {
    const database = await this.databases.find(project);
    if (database !== undefined) await this.databases.drop(database.name);
    return database?.bytes ?? 0;
  }

  private async removeRows(project: RegisteredProject): Promise<number> {
    return await this.with(project, async (database) => {
      const { db } = database.inProject(project.id);
      const bytes = await bytesOf(db, project.id);
      await deleteRows(db, project.id);
      await database.maintain();
      return bytes;
    });
  }

  private async connect(project: RegisteredProject): Promise<Database> {
    const databaseUrl = await this.urlOf(project);
    try {
      return await openDatabase({ ...this.config, databaseUrl }, this.options);
    } catch (error) {
      if (project.connection !== null && error instanceof CodebaseError) throw atItsOwn(project, error);
      if (!isNoSuchDatabase(error)) throw error;
      throw withoutDatabase(project.id, error);
    }
  }

  /** Makes the database of a project, unless another program was quicker. */
  private async make(project: ProjectId): Promise<RegisteredProject> {
    return await this.registry.locked([project], async () => {
      const there = await this.registry.find(project);
      if (there !== undefined) return there;
      if ((await this.databases.find(project)) === undefined) await this.create(project);
      await this.registry.add(project);
      return { id: project, connection: null };
    });
  }

  private async fill(project: ProjectId, draft: string, put: (database: Database) => Promise<void>): Promise<void> {
    const database = await this.openDraft(project, draft);
    try {
      await put(database);
    } finally {
      await database.close();
    }
  }

  private async openDraft(project: ProjectId, draft: string): Promise<Database> {
    try {
      return await openDatabase({ ...this.config, databaseUrl: this.urlHere(draft) }, this.options);
    } catch (error) {
      if (!(error instanceof CodebaseError) || error.code !== 'permission_denied') throw error;
      throw new CodebaseError(
        'permission_denied',
        `The role in DATABASE_URL may not install pgvector in the database of project ${project} at ${this.place}; have a superuser run in the database template1, from which it is made: CREATE EXTENSION vector;`,
        { cause: error },
      );
    }
  }

  private urlHere(database: string): string {
    return urlWithDatabase(this.config.databaseUrl ?? '', database);
  }
}

function withoutDatabase(project: ProjectId, cause?: unknown): CodebaseError {
  return new CodebaseError(
    'database_unavailable',
    `The database of project ${project} is gone, though the registry has it; run codebase-mcp doctor.`,
    { cause },
  );
}

export function atItsOwn({ id, connection }: RegisteredProject, error: CodebaseError): CodebaseError {
  const { code, message } = foundElsewhere(String(connection), error);
  return new CodebaseError(code, `The database of project ${id}: ${message}`, { cause: error });
}

/** What is said of DATABASE_URL is meant for where the URL was found. */
export function foundElsewhere(foundIn: string, error: CodebaseError): CodebaseError {
  if (foundIn === 'DATABASE_URL') return error;
  const message = error.message
    .replaceAll('DATABASE_URL', foundIn)
    .replace(/, or unset \S+ to use the embedded database/, '');
  return new CodebaseError(error.code, message, { cause: error });
}

async function others(db: Database['allProjects'], project: ProjectId): Promise<readonly string[]> {
  return (await projectsWithRows(db)).filter((id) => id !== project);
}
