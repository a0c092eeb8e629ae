// `codebase-mcp projects`
import { Command } from 'commander';
import { renderProjects } from '../mcp/render/status.js';
import type { Io } from './io.js';
import { jsonOption } from './options.js';
import { type GlobalOptions, withCodebase } from './session.js';

export function projectsCommand(io: Io): Command {
  return new Command('projects')
    .description('The projects and how much each holds')
    .addOption(jsonOption())
    .action(async (_options: unknown, command: Command) => {
      const { json } = command.optsWithGlobals<GlobalOptions>();
      await withCodebase(command, async (codebase) => {
        const projects = await codebase.projects();
        io.out(json ? JSON.stringify(projects, null, 2) : renderProjects(projects));
      });
    });
}
