// Opens the database of a `db` command at any revision, with database errors in words and a record of what is done to it.
import type { Command } from 'commander';
import type { Config } from '../config.js';
import type { Connection } from '../database/database.js';
import { CodebaseError } from '../errors.js';
import type { Journal } from '../migrations/journal.js';
import type { Io } from './io.js';
import { configOf } from './session.js';

export interface DatabaseSession {
  readonly config: Config;
  readonly connection: Connection;
  readonly journal: Journal;
}

/** Runs `use` on the database that is meant: with --all on that of every project, one after the other. */
export async function withDatabase(
  command: Command,
  io: Io,
  use: (session: DatabaseSession) => Promise<void>,
): Promise<void> {
  const config = await configOf(command);
  if (config.databaseUrl === undefined) {
    const { sendIdleOwnerAway } = await import('../owner/control.js');
    await sendIdleOwnerAway(config.dataDirectory);
  }
  const { databasesMeant } = await import('../database/databases-meant.js');
  const { project, all } = command.optsWithGlobals<{ project?: string; all?: true }>();
  if (all && PER_FILE.has(command.name())) throw notForAll(command.name());
  const meant = await databasesMeant(config, { project, all: all ?? false });
  for (const { databaseUrl, name } of meant) {
    if (all && name !== null) io.err(`Project ${name}:\n`);
    await onOne(command, io, { ...config, databaseUrl }, use);
  }
}

/** They read or write one file, or change rows: not something to be done to every project at once. */
const PER_FILE: ReadonlySet<string> = new Set(['backup', 'restore', 'seed', 'stamp']);

function notForAll(name: string): CodebaseError {
  return new CodebaseError(
    'usage',
    `db ${name} works on one database; name its project with --project instead of --all.`,
  );
}

async function onOne(
  command: Command,
  io: Io,
  config: Config,
  use: (session: DatabaseSession) => Promise<void>,
): Promise<void> {
  const { openJournal } = await import('../migrations/journal.js');
  const { connectDatabase } = await import('../database/database.js');
  const name = `db ${command.name()}`;
  const journal = openJournal(config.migrationLogFile, name, io.err);
  const connection = await connectDatabase(config, { holder: `codebase-mcp ${name}`, onNotice: journal.notice });
  try {
    await use({ config, connection, journal });
  } catch (error) {
    const { describeDatabaseError } = await import('../database/sqlstates.js');
    const described = describeDatabaseError(error, connection.place) ?? error;
    journal.failed(described);
    throw described;
  } finally {
    await connection.close();
  }
}
