// `codebase-mcp serve --http HOST:PORT`: the MCP server for many clients.
import { Command } from 'commander';
import type { Io } from './io.js';
import { repeatable, wholeNumber } from './options.js';
import { configOf } from './session.js';

/** Requests in hand may end; a second Ctrl-C does not wait for them. */
const ENDING_MS = 12_000;

interface ServeOptions {
  readonly http: string;
  readonly repository?: string;
  readonly root?: readonly string[];
  readonly allowedHost?: readonly string[];
  readonly requireToken?: boolean;
  readonly rateLimit: number;
  readonly sessionIdle: number;
}

export function serveCommand(io: Io): Command {
  return new Command('serve')
    .description('Serve MCP over HTTP, for many clients at once')
    .requiredOption('--http <address>', 'where to listen: HOST:PORT, for example 127.0.0.1:3000')
    .option(
      '--repository <path>',
      'repository that tools use when a call names none (default: the one of the working directory)',
    )
    .option('--root <path>', 'directory below which clients may name any repository; repeatable', repeatable)
    .option('--allowed-host <name>', 'further host name that clients may use to reach it; repeatable', repeatable)
    .option('--require-token', 'let in only clients with a token, as for every address but 127.0.0.1 and the like')
    .addOption(wholeNumber('--rate-limit <n>', 'requests per second of one client', 1, 1_000_000, 500))
    .addOption(wholeNumber('--session-idle <s>', 'seconds after which an unused session ends', 1, 604_800, 1800))
    .action(async (options: ServeOptions, command: Command) => {
      const config = await configOf(command);
      const { parseAddress } = await import('../mcp/http/address.js');
      const { serveOverHttp } = await import('../mcp/http/serve.js');
      const http = {
        address: parseAddress(options.http),
        repository: options.repository,
        roots: options.root ?? [],
        allowedHosts: options.allowedHost ?? [],
        tokenRequired: options.requireToken ?? false,
        rateLimit: options.rateLimit,
        sessionIdleSeconds: options.sessionIdle,
      };
      io.giveTime(ENDING_MS);
      await serveOverHttp(config, http, io.signal, (url) => io.err(`Serving MCP at ${url}\n`));
    });
}
