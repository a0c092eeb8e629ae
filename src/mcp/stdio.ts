// MCP over stdin and stdout: one client, one connection, the process lives as long as stdin is open.
import { finished } from 'node:stream/promises';
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import type { Config } from '../config.js';
import { openLog } from '../log.js';
import { answerGarbage } from './answer-garbage.js';
import { type Backend, pathMeant, shareCodebase, usualRepository } from './backend.js';
import { createServer } from './server.js';

/** Resolves when the client has closed stdin or the signal is aborted, with the database closed. */
export async function serveOverStdio(
  config: Config,
  repository: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const log = openLog(config.logFile);
  const shared = shareCodebase(config, 'codebase-mcp mcp');
  const usual = await usualRepository(repository);
  const meant = (named: string | undefined) => pathMeant(named, usual, 'codebase-mcp mcp');
  const searched: Backend['searched'] = (named, project) =>
    project !== undefined && named === undefined && usual === null ? undefined : meant(named);
  const backend = { config, codebase: shared.open, repository: meant, searched };
  const { stdin, stdout } = process;
  const connection = serveStdio(({ era }) => createServer(backend, era), {
    transport: new StdioServerTransport(stdin.pipe(answerGarbage(stdout)), stdout),
    onerror: ({ message }) => log.warn({ message }, 'mcp connection'),
  });
  // Whatever ended the input, by its end, an error or a signal, ends the server.
  await finished(stdin, { signal, writable: false }).catch(() => {});
  await connection.close();
  await shared.close();
}
