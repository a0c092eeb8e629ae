// Opens what a command needs, when it needs it: everything heavy is imported here, after the arguments were understood.
import type { Command } from 'commander';
import type { Config, Flags } from '../config.js';
import type { Codebase } from '../service.js';

/** The flags before or after every command. */
export interface GlobalOptions extends Flags {
  readonly json?: boolean;
  readonly project?: string;
}

export async function configOf(command: Command): Promise<Config> {
  const { loadConfig } = await import('../config.js');
  return loadConfig(command.optsWithGlobals<Flags>());
}

export async function withCodebase(command: Command, use: (codebase: Codebase) => Promise<void>): Promise<void> {
  await withCodebaseOf(await configOf(command), command, use);
}

export async function withCodebaseOf(
  config: Config,
  command: Command,
  use: (codebase: Codebase) => Promise<void>,
): Promise<void> {
  const { connectCodebase } = await import('../owner/connect.js');
  const codebase = await connectCodebase(config, { holder: `codebase-mcp ${command.name()}` });
  try {
    await use(codebase);
  } finally {
    await codebase.close();
  }
}
