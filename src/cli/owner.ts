// `codebase-mcp owner`: the process that holds the embedded database for all others. They start it by themselves; a person
// only looks at it or ends it.
import { Command } from 'commander';
import type { Config } from '../config.js';
import type { OwnerStatus } from '../owner/control.js';
import type { Io } from './io.js';
import { jsonOption } from './options.js';
import { configOf, type GlobalOptions } from './session.js';

export function ownerCommand(io: Io): Command {
  return new Command('owner')
    .description('Hold the embedded database and serve every other codebase-mcp; started by them when it is needed')
    .action(async (_options: unknown, command: Command) => hold(io, command))
    .addCommand(statusCommand(io))
    .addCommand(stopCommand(io));
}

async function hold(io: Io, command: Command): Promise<void> {
  const { tellStarter } = await import('../owner/start.js');
  let logFile: string | undefined;
  try {
    const config = await configOf(command);
    logFile = config.logFile;
    endOnBugs(config);
    const { runOwner } = await import('../owner/owner.js');
    await runOwner(config, io.signal, () => void tellStarter({ type: 'open' }));
  } catch (error) {
    await tellStarter(await failed(error, logFile ?? ''));
    throw error;
  }
}

async function failed(error: unknown, logFile: string) {
  const { describeFailure } = await import('../failure.js');
  const { CodebaseError } = await import('../errors.js');
  const { sentence } = await describeFailure(error, async () => logFile);
  return { type: 'failed', code: error instanceof CodebaseError ? error.code : null, message: sentence } as const;
}

/** Nobody reads this process's stderr: what must not happen goes to the log, and the next owner starts afresh. */
function endOnBugs({ logFile }: Config): void {
  process.once('uncaughtException', async (error) => {
    const { describeFailure } = await import('../failure.js');
    await describeFailure(error, async () => logFile);
    process.exit(1);
  });
}

function statusCommand(io: Io): Command {
  return new Command('status')
    .description('Whether there is an owner, and what it is doing')
    .addOption(jsonOption())
    .action(async (_options: unknown, command: Command) => {
      const { json } = command.optsWithGlobals<GlobalOptions>();
      const { dataDirectory } = await configOf(command);
      const { ownerStatus } = await import('../owner/control.js');
      const status = await ownerStatus(dataDirectory);
      io.out(json ? JSON.stringify(status, null, 2) : render(status, dataDirectory));
    });
}

function render(status: OwnerStatus | null, directory: string): string {
  if (status === null) return `No owner holds ${directory}.`;
  const { pid, version, started_at, embedder, clients, calls, jobs, memory_mb, idle_seconds } = status;
  return [
    `Process ${pid} holds ${directory}`,
    `  codebase-mcp ${version}, since ${started_at}, embedder ${embedder}, ${memory_mb} MB`,
    `  programs connected: ${clients}, requests being answered: ${calls}, indexing jobs: ${jobs}`,
    `  ends after ${idle_seconds} s without any of these`,
  ].join('\n');
}

function stopCommand(io: Io): Command {
  return new Command('stop')
    .description('End the owner, by force if it is stuck; an indexing job goes on when the next one starts')
    .action(async (_options: unknown, command: Command) => {
      const { dataDirectory } = await configOf(command);
      const { stopOwner } = await import('../owner/control.js');
      const stopped = await stopOwner(dataDirectory);
      if (stopped === null) return io.out(`No owner holds ${dataDirectory}.`);
      const { pid, killed } = stopped;
      return io.out(
        killed
          ? `Process ${pid}, which did not answer, was killed; ${dataDirectory} is free.`
          : `Process ${pid} has let go of ${dataDirectory}.`,
      );
    });
}
