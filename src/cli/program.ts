// The command line: global flags and the table of commands.
import { Command } from 'commander';
import { ENVIRONMENT } from '../environment.js';
import { VERSION } from '../version.js';
import { dbCommand } from './db.js';
import { doctorCommand } from './db-doctor.js';
import { indexCommand } from './index-repository.js';
import { installCommand } from './install.js';
import type { Io } from './io.js';
import { languagesCommand } from './languages.js';
import { mcpCommand } from './mcp.js';
import { ownerCommand } from './owner.js';
import { projectsCommand } from './projects.js';
import { relatedCommand } from './related.js';
import { removeCommand } from './remove.js';
import { searchCommand } from './search.js';
import { serveCommand } from './serve.js';
import { statusCommand } from './status.js';
import { tokenCommand } from './token.js';

const COMMANDS = [
  indexCommand,
  searchCommand,
  relatedCommand,
  statusCommand,
  projectsCommand,
  removeCommand,
  languagesCommand,
  dbCommand,
  doctorCommand,
  mcpCommand,
  installCommand,
  serveCommand,
  tokenCommand,
];

export function createProgram(io: Io): Command {
  const program = new Command('codebase-mcp')
    .description('Finds the code that does something, in any repository, for people and coding assistants.')
    .version(VERSION)
    .option('--data-dir <path>', 'directory of the embedded database')
    .option('--database-url <url>', 'PostgreSQL to use instead of the embedded database')
    .option('--embedder <name>', 'static (the model in the package), ollama, or a Model2Vec directory')
    .addHelpText('after', `\nEnvironment:\n${environmentTable()}`);
  for (const command of COMMANDS) program.addCommand(command(io));
  program.addCommand(ownerCommand(io), { hidden: true });
  for (const command of [program, ...program.commands]) quiet(command, io);
  return program;
}

/** Errors leave through one boundary, in this program's words; help shows the global flags everywhere. */
function quiet(command: Command, io: Io): void {
  command
    .exitOverride()
    .configureHelp({ showGlobalOptions: true, helpWidth: 100 })
    .configureOutput({
      writeErr: io.err,
      outputError: (text, write) => write(oneLine(text)),
    });
  for (const child of command.commands) quiet(child, io);
}

/** Commander puts its suggestion on a second line. */
function oneLine(text: string): string {
  return text.replace(/^error: /, 'codebase-mcp: ').replace('\n(Did you mean', ' (did you mean');
}

function environmentTable(): string {
  const rows = Object.entries(ENVIRONMENT);
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, meaning]) => `  ${name.padEnd(width)}  ${meaning}`).join('\n');
}
