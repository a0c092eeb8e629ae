// Opens the database for the `db` commands: at any revision, with database errors in words.
import type { Command } from 'commander';
import type { Config } from '../config.js';
import type { Connection } from '../database/database.js';
import { configOf } from './session.js';

export async function withConnection(
  command: Command,
  use: (connection: Connection, config: Config) => Promise<void>,
): Promise<void> {
  const config = await configOf(command);
  const { connectDatabase } = await import('../database/database.js');
  const connection = await connectDatabase(config, { holder: `codebase-mcp db ${command.name()}` });
  try {
    await use(connection, config);
  } catch (error) {
    const { describeDatabaseError } = await import('../database/sqlstates.js');
    throw describeDatabaseError(error, connection.description) ?? error;
  } finally {
    await connection.close();
  }
}
