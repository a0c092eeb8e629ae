// `codebase-mcp projects`: list, show, remove and rename projects.
import { Command } from 'commander';
import { renderProjectRemoval, renderProjects, renderStatus } from '../mcp/render/status.js';
import type { Io } from './io.js';
import { jsonOption } from './options.js';
import { type GlobalOptions, withCodebase } from './session.js';

export function projectsCommand(io: Io): Command {
  const projects = new Command('projects').description('The projects: how much each holds, remove one, rename one');
  projects.addCommand(list(io), { isDefault: true });
  for (const command of [show, remove, rename]) projects.addCommand(command(io));
  return projects;
}

function list(io: Io): Command {
  return new Command('list')
    .description('The projects and how much each holds')
    .addOption(jsonOption())
    .action((_options: unknown, command: Command) =>
      withCodebase(command, async (codebase) => print(io, command, await codebase.projects(), renderProjects)),
    );
}

function show(io: Io): Command {
  return new Command('show')
    .description('The repositories of a project and its jobs')
    .argument('<project>')
    .addOption(jsonOption())
    .action((project: string, _options: unknown, command: Command) =>
      withCodebase(command, async (codebase) => print(io, command, await codebase.status({ project }), renderStatus)),
    );
}

function remove(io: Io): Command {
  return new Command('remove')
    .description('Cancel the jobs of a project and remove all that is indexed in it; no file on disk is touched')
    .argument('<project>')
    .addOption(jsonOption())
    .action((project: string, _options: unknown, command: Command) =>
      withCodebase(command, async (codebase) =>
        print(io, command, await codebase.removeProject({ project }), renderProjectRemoval),
      ),
    );
}

function rename(io: Io): Command {
  return new Command('rename')
    .description('Give a project another id; its jobs are cancelled')
    .argument('<project>')
    .argument('<to>', 'an id that is not in use')
    .addOption(jsonOption())
    .action((project: string, to: string, _options: unknown, command: Command) =>
      withCodebase(command, async (codebase) =>
        print(
          io,
          command,
          await codebase.renameProject({ project, to }),
          () => `Project ${project} is ${to} now; name it so in .codebase-mcp/config.json too, where there is one.`,
        ),
      ),
    );
}

function print<T>(io: Io, command: Command, answer: T, render: (answer: T) => string): void {
  io.out(command.optsWithGlobals<GlobalOptions>().json ? JSON.stringify(answer, null, 2) : render(answer));
}
