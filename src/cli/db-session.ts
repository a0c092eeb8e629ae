// Opens the database of a `db` command at any revision, with database errors in words and a record of what is done to it.
import type { Command } from 'commander';
import type { Config } from '../config.js';
import type { Connection } from '../database/database.js';
import type { Journal } from '../migrations/journal.js';
import type { Io } from './io.js';
import { configOf } from './session.js';

export interface DatabaseSession {
  readonly config: Config;
  readonly connection: Connection;
  readonly journal: Journal;
}

export async function withDatabase(
  command: Command,
  io: Io,
  use: (session: DatabaseSession) => Promise<void>,
): Promise<void> {
  const config = await configOf(command);
  const { openJournal } = await import('../migrations/journal.js');
  const { sendIdleOwnerAway } = await import('../owner/control.js');
  const { connectDatabase } = await import('../database/database.js');
  const name = `db ${command.name()}`;
  if (config.databaseUrl === undefined) await sendIdleOwnerAway(config.dataDirectory);
  const journal = openJournal(config.migrationLogFile, name, io.err);
  const connection = await connectDatabase(config, { holder: `codebase-mcp ${name}`, onNotice: journal.notice });
  try {
    await use({ config, connection, journal });
  } catch (error) {
    const { describeDatabaseError } = await import('../database/sqlstates.js');
    const described = describeDatabaseError(error, connection.description) ?? error;
    journal.failed(described);
    throw described;
  } finally {
    await connection.close();
  }
}
