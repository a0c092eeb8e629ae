// MCP over HTTP: a server that many clients share, from its first connection to the end of its last answer.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Config } from '../../config.js';
import { CodebaseError } from '../../errors.js';
import { openLog } from '../../log.js';
import { createBackend } from '../backend.js';
import { createServer } from '../server.js';
import { type Address, hostInUrl } from './address.js';
import { Endpoint } from './endpoint.js';
import { createGate } from './gate.js';
import { LIMITS } from './limits.js';

export interface HttpOptions {
  readonly address: Address;
  /** Repository that tools use when a call names none. */
  readonly repository: string | undefined;
  /** Names besides the address under which clients reach the server, for the Host and Origin headers. */
  readonly allowedHosts: readonly string[];
  readonly sessionIdleSeconds: number;
}

/** Resolves when the signal was aborted, what was in hand is answered or given up, and the database is closed. */
export async function serveOverHttp(
  config: Config,
  options: HttpOptions,
  signal: AbortSignal,
  onListening: (url: string) => void,
): Promise<void> {
  const log = openLog(config.logFile);
  const backend = await createBackend(config, options.repository);
  const onerror = ({ message }: Error) => log.warn({ message }, 'mcp over http');
  const endpoint = new Endpoint({
    serverFor: () => createServer(backend),
    idleMs: options.sessionIdleSeconds * 1000,
    onerror,
  });
  const { address, allowedHosts } = options;
  const server = createGate({ endpoint, log, allowedHosts: [address.host, ...allowedHosts].map(hostInUrl), onerror });
  try {
    server.listen(address.port, address.host);
    await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
      throw cannotListen(address, error);
    });
    const { port } = server.address() as AddressInfo;
    onListening(`http://${hostInUrl(address.host)}:${port}/mcp`);
    if (!signal.aborted) await once(signal, 'abort');
    const closed = once(server, 'close');
    server.close();
    server.closeIdleConnections();
    await endpoint.close();
    const late = setTimeout(() => server.closeAllConnections(), LIMITS.drainMs);
    await closed;
    clearTimeout(late);
  } finally {
    await backend.close();
  }
}

function cannotListen({ host, port }: Address, cause: NodeJS.ErrnoException): CodebaseError {
  const place = `${hostInUrl(host)}:${port}`;
  const { code } = cause;
  if (code === 'EADDRINUSE')
    return new CodebaseError('in_use', `${place} is in use by another program; choose another port for --http.`, {
      cause,
    });
  const reason = code === 'EACCES' ? 'ports below 1024 need rights' : `the system says ${code}`;
  return new CodebaseError(
    'invalid_input',
    `Cannot listen at ${place} (${reason}); choose another address for --http.`,
    { cause },
  );
}
