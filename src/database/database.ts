// The database every flow works on: one interface over both engines, opened with a schema that this program knows.
import { Kysely, type Logger, sql } from 'kysely';
import type { Config } from '../config.js';
import { CodebaseError } from '../errors.js';
import { currentRevision, HEAD, upgrade } from '../migrations/runner.js';
import { openEmbedded } from './embedded.js';
import type { Engine } from './engine.js';
import type { Clients } from './lock.js';
import { maintain } from './maintain.js';
import { Precedence } from './precedence.js';
import { openServer } from './server.js';
import { ALL_PROJECTS, type Speaker } from './sessions.js';
import type { SetAside } from './set-aside.js';
import { damageOf, describeDatabaseError } from './sqlstates.js';
import type { Tables } from './tables.js';
import { readVectorFormat, type VectorFormat } from './vectors.js';
import { raiseWall, type Wall } from './wall.js';

/** The database as the work of one project sees it: where there is a wall, other projects' rows are not there. */
export interface ProjectDatabase extends VectorFormat {
  readonly kind: 'embedded' | 'server';
  readonly db: Kysely<Tables>;
  /** Who goes first. */
  readonly precedence: Precedence;
  /** To be called after writes: renews statistics and frees what was deleted, as far as it is worth it. */
  maintain(): Promise<void>;
}

export interface Database extends Omit<ProjectDatabase, 'db'> {
  /** Engine, version and where the data is, in words. */
  readonly description: string;
  /** Where the data is, for messages. */
  readonly place: string;
  /** Made anew each time, which takes microseconds: whoever asks for projects that are not there leaves nothing behind. */
  inProject(project: string): ProjectDatabase;
  /** What no single project can ask: lists of them, jobs by their id alone, recovery, and giving rows to another project. */
  readonly allProjects: Kysely<Tables>;
  /** Between projects that share this database; null where each has a database of its own. */
  readonly wall: Wall | null;
  /** The damaged database that this one takes the place of since it was opened. */
  readonly setAside: SetAside | null;
  /** Nothing can be written: a standby, or a role or server that is set so. */
  readonly readOnly: boolean;
  /** Lets queries under way finish for less than a second, then stops them; safe to call again. */
  close(): Promise<void>;
  /** A connection broke since it was opened: the server may have been restarted, or the database be another. */
  lost(): boolean;
  /** Connections that are not given back yet. */
  inUse(): number;
}

/** Connections to a server of whoever was told no number. */
const CONNECTIONS = 10;

/** A database whose schema may be any: what `db upgrade` works on. */
export type Connection = Pick<Database, 'kind' | 'description' | 'place' | 'close' | 'lost' | 'inUse'> & {
  /** Sees all projects. */
  readonly db: Kysely<Tables>;
};

export interface OpenOptions {
  /** The command that opens it, for the process that finds it in use: "codebase-mcp mcp". */
  readonly holder: string;
  /** For a process that serves others through the embedded database's lock. */
  readonly clients?: Clients;
  /** Called when the embedded database turns out to be damaged: the next one that opens it sets it aside. */
  readonly onDamage?: (reason: string) => void;
}

/**
 * Opens the database of the configuration with the schema at head. A new database and the embedded one are brought there;
 * a server's that is behind is refused, because others may work with it. An embedded one that is damaged is set aside, and
 * an empty one opened.
 */
export async function openDatabase(config: Config, options: OpenOptions): Promise<Database> {
  try {
    return await open(config, options);
  } catch (error) {
    if (config.databaseUrl !== undefined || damageOf(error) === null) throw error;
    return await open(config, options);
  }
}

async function open(config: Config, options: OpenOptions): Promise<Database> {
  const engine = await openEngine(config, options, true);
  let opened = false;
  try {
    const speakFor = speakers(engine, (reason) => opened && options.onDamage?.(reason));
    const connection = await connectionOf(engine, speakFor(ALL_PROJECTS));
    const { db, ...rest } = connection;
    await bringToHead(connection, config, options);
    const wall = config.server.isolation === 'database' ? null : await raiseWall(db, rest.kind);
    const walled = wall?.role == null ? null : wall;
    const precedence = new Precedence();
    const shared = {
      kind: rest.kind,
      ...(await readVectorFormat(db)),
      precedence,
      maintain: () => maintain(db, precedence),
    };
    const readOnly = await isReadOnly(db);
    opened = true;
    return {
      ...rest,
      ...shared,
      inProject: (project) => ({ ...shared, db: speakFor({ walled, project }) }),
      allProjects: db,
      wall,
      readOnly,
      setAside: engine.setAside ?? null,
    };
  } catch (error) {
    await engine.close();
    throw describeDatabaseError(error, engine.place) ?? error;
  }
}

export interface ConnectOptions extends OpenOptions {
  /** Takes the text of each NOTICE and WARNING. */
  readonly onNotice?: (message: string) => void;
}

/** The same without looking at the schema. */
export async function connectDatabase(config: Config, options: ConnectOptions): Promise<Connection> {
  const engine = await openEngine(config, options, false);
  const { onNotice } = options;
  if (onNotice) listen(engine, onNotice);
  return await connected(engine);
}

/** The server of DATABASE_URL, whatever its database holds. */
export async function connectServer(databaseUrl: string, connections: number): Promise<Connection> {
  return await connected(await openServer(databaseUrl, connections, 'nothing more'));
}

async function connected(engine: Engine): Promise<Connection> {
  try {
    return await connectionOf(engine, speakers(engine)(ALL_PROJECTS));
  } catch (error) {
    await engine.close();
    throw describeDatabaseError(error, engine.place) ?? error;
  }
}

function listen({ pool }: Engine, onNotice: (message: string) => void): void {
  const heard = new WeakSet<object>();
  pool.on('acquire', (client) => {
    if (!heard.has(client)) client.on('notice', ({ message }) => onNotice(message ?? ''));
    heard.add(client);
  });
}

function openEngine(config: Config, { holder, clients }: OpenOptions, replaceDamaged: boolean): Promise<Engine> {
  const { databaseUrl, dataDirectory, server } = config;
  if (databaseUrl === undefined) return openEmbedded(dataDirectory, { holder, clients, replaceDamaged });
  return openServer(databaseUrl, server.maxConnectionsPerPool ?? CONNECTIONS, 'pgvector');
}

/** Makes the ways to the engine's connections. */
function speakers(engine: Engine, onDamage?: (reason: string) => void): (speaker: Speaker) => Kysely<Tables> {
  const log: Logger = (event) => {
    const damage = event.level === 'error' ? damageOf(event.error) : null;
    if (damage === null) return;
    engine.condemn?.(damage);
    onDamage?.(damage);
  };
  return (speaker) => new Kysely<Tables>({ dialect: engine.dialectFor(speaker), log });
}

async function connectionOf(engine: Engine, db: Kysely<Tables>): Promise<Connection> {
  const { rows } = await sql<{
    version: string;
  }>`SELECT split_part(current_setting('server_version'), ' ', 1) AS version`.execute(db);
  const { kind, place, close, lost, inUse } = engine;
  return { kind, description: engine.describe(rows[0]?.version ?? 'unknown'), place, db, close, lost, inUse };
}

async function bringToHead(
  { kind, db, description }: Connection,
  config: Config,
  { holder }: OpenOptions,
): Promise<void> {
  const revision = await currentRevision(db);
  if (revision === HEAD) return;
  if (revision !== null && kind === 'server') {
    throw new CodebaseError(
      'schema_mismatch',
      `The schema in ${description} is at revision ${revision}, and this version needs ${HEAD}; run: codebase-mcp db upgrade${config.server.isolation === 'database' ? ' --all' : ''}.`,
    );
  }
  const { openJournal } = await import('../migrations/journal.js');
  const journal = openJournal(config.migrationLogFile, holder, () => {});
  try {
    await upgrade(db, { onStep: journal.step });
  } catch (error) {
    journal.failed(error);
    throw error;
  }
}

async function isReadOnly(db: Kysely<Tables>): Promise<boolean> {
  const { rows } = await sql<{ on: boolean }>`SELECT current_setting('transaction_read_only')::bool AS on`.execute(db);
  return rows[0]?.on ?? false;
}
