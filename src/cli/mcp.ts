// `codebase-mcp mcp`: the MCP server on stdin and stdout.
import { Command } from 'commander';
import type { Io } from './io.js';
import { configOf } from './session.js';

export function mcpCommand(io: Io): Command {
  return new Command('mcp')
    .description('Serve MCP over stdin and stdout, for coding assistants')
    .option(
      '--repository <path>',
      'repository that tools use when a call names none (default: the one of the working directory)',
    )
    .action(async (options: { readonly repository?: string }, command: Command) => {
      const config = await configOf(command);
      const { serveOverStdio } = await import('../mcp/stdio.js');
      await serveOverStdio(config, options.repository, io.signal);
    });
}
