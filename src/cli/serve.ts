// `codebase-mcp serve --http HOST:PORT`: the MCP server for many clients.
import { Command } from 'commander';
import type { Io } from './io.js';
import { repeatable } from './options.js';
import { configOf } from './session.js';

interface ServeOptions {
  readonly http: string;
  readonly repository?: string;
  readonly allowedHost?: readonly string[];
}

export function serveCommand(io: Io): Command {
  return new Command('serve')
    .description('Serve MCP over HTTP, for many clients at once')
    .requiredOption('--http <address>', 'where to listen: HOST:PORT, for example 127.0.0.1:3000')
    .option(
      '--repository <path>',
      'repository that tools use when a call names none (default: the one of the working directory)',
    )
    .option('--allowed-host <name>', 'further host name that clients may use to reach it; repeatable', repeatable)
    .action(async (options: ServeOptions, command: Command) => {
      const config = await configOf(command);
      const { parseAddress } = await import('../mcp/http/address.js');
      const { serveOverHttp } = await import('../mcp/http/serve.js');
      const address = parseAddress(options.http);
      const { repository, allowedHost = [] } = options;
      await serveOverHttp(
        config,
        { address, repository, allowedHosts: allowedHost, sessionIdleSeconds: 1800 },
        io.signal,
        (url) => io.err(`Serving MCP at ${url}\n`),
      );
    });
}
