// `codebase-mcp languages`
import { Command } from 'commander';
import type { Io } from './io.js';
import { jsonOption } from './options.js';
import type { GlobalOptions } from './session.js';

export function languagesCommand(io: Io): Command {
  return new Command('languages')
    .description('The languages that are told apart: their files, and how these are cut')
    .addOption(jsonOption())
    .action(async (_options: unknown, command: Command) => {
      const { knownLanguages } = await import('../language-list.js');
      const { renderLanguages } = await import('../mcp/render/dry-run.js');
      const languages = knownLanguages();
      const { json } = command.optsWithGlobals<GlobalOptions>();
      io.out(json ? JSON.stringify(languages, null, 2) : renderLanguages(languages));
    });
}
