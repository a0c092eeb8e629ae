// `codebase-mcp projects`: list, show, add, move, remove and rename projects.
import { Command } from 'commander';
import { moveLine, renderMove, renderProjectRemoval, renderProjects, renderStatus } from '../mcp/render/status.js';
import type { MoveProgress } from '../service.js';
import { endsOfMove, refuseUrl } from './ends-of-move.js';
import type { Io } from './io.js';
import { jsonOption } from './options.js';
import { openProgress } from './progress.js';
import { configOf, type GlobalOptions, withCodebase, withCodebaseOf } from './session.js';

export function projectsCommand(io: Io): Command {
  const projects = new Command('projects').description(
    'The projects: how much each holds, and to add, move, remove or rename one',
  );
  projects.addCommand(list(io), { isDefault: true });
  for (const command of [show, add, move, remove, rename]) projects.addCommand(command(io));
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

function add(io: Io): Command {
  return new Command('add')
    .description('Name the database of a project that is not there yet; its first index goes there')
    .argument('<project>')
    .requiredOption('--database <reference>', 'where the URL of its PostgreSQL is found: env:NAME or file:/path')
    .addOption(jsonOption())
    .action(async (project: string, { database }: { database: string }, command: Command) => {
      refuseUrl(database, '--database');
      await withCodebase(command, async (codebase) =>
        print(
          io,
          command,
          await codebase.addProject({ project, database }),
          (added) => `Project ${project} has its own database, ${added.database}, found by ${database}.`,
        ),
      );
    });
}

function move(io: Io): Command {
  return new Command('move')
    .description(
      'Move a project with its data to another database, and compare counts and checksums; its jobs are cancelled',
    )
    .argument('<project>')
    .requiredOption(
      '--to <place>',
      'embedded, server, or where the URL of a PostgreSQL is found: env:NAME or file:/path',
    )
    .addOption(jsonOption())
    .action(async (project: string, { to }: { to: string }, command: Command) => {
      const { config, server } = await endsOfMove(await configOf(command), to);
      await withCodebaseOf(config, command, async (codebase) => {
        const progress = openProgress(io);
        const onMove = (move: MoveProgress): void =>
          progress.update({ done: move.rows_done, total: move.rows_total, line: moveLine(move) });
        const options = { signal: io.signal, onMove };
        const moved = await codebase.moveProject({ project, to, server }, options).finally(progress.end);
        print(io, command, moved, renderMove);
      });
    });
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
