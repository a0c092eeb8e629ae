// `codebase-mcp db …`: the schema and its data, for operators.
import { Command } from 'commander';
import { backupCommand, restoreCommand } from './db-backup.js';
import { checkCommand, currentCommand, historyCommand, stampCommand } from './db-look.js';
import { downgradeCommand, upgradeCommand } from './db-move.js';
import { seedCommand } from './db-seed.js';
import type { Io } from './io.js';

const COMMANDS = [
  upgradeCommand,
  downgradeCommand,
  currentCommand,
  historyCommand,
  checkCommand,
  stampCommand,
  backupCommand,
  restoreCommand,
  seedCommand,
];

export function dbCommand(io: Io): Command {
  const db = new Command('db')
    .description('The database’s schema: upgrade, downgrade, check, back up, restore')
    .option('--project <id>', 'the database of this project, where each has one')
    .option('--all', 'the databases of all projects, one after the other');
  for (const command of COMMANDS) db.addCommand(command(io));
  return db;
}
