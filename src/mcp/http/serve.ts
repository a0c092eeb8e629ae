// MCP over HTTP: a server that many clients share, from its first connection to the end of its last answer.
import { once } from 'node:events';
import { realpath } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { McpServer } from '@modelcontextprotocol/server';
import type { Config } from '../../config.js';
import { CodebaseError } from '../../errors.js';
import { openLog } from '../../log.js';
import { shareCodebase, usualRepository } from '../backend.js';
import { createServer } from '../server.js';
import { type Address, hostInUrl } from './address.js';
import { backendFor } from './backends.js';
import { Endpoint } from './endpoint.js';
import { Gate } from './gate.js';
import { KnownRepositories } from './known.js';
import { LIMITS } from './limits.js';
import { isGood, TokenReader } from './tokens.js';

export interface HttpOptions {
  readonly address: Address;
  /** Repository that tools use when a call names none. */
  readonly repository: string | undefined;
  /** Directories below which callers may name any repository, besides the ones that are indexed. */
  readonly roots: readonly string[];
  /** Names besides the address under which clients reach the server, for the Host and Origin headers. */
  readonly allowedHosts: readonly string[];
  /** Also of callers on this machine. */
  readonly tokenRequired: boolean;
  /** Requests per second of one caller. */
  readonly rateLimit: number;
  readonly sessionIdleSeconds: number;
}

/** Resolves when the signal was aborted, what was in hand is answered or given up, and the database is closed. */
export async function serveOverHttp(
  config: Config,
  options: HttpOptions,
  signal: AbortSignal,
  onListening: (url: string) => void,
): Promise<void> {
  const { address, allowedHosts, rateLimit } = options;
  const tokens = new TokenReader(config.tokenFile);
  const tokenRequired = options.tokenRequired || !address.loopback;
  if (tokenRequired) await requireSomeToken(tokens);
  const log = openLog(config.logFile);
  const shared = shareCodebase(config, 'codebase-mcp serve');
  const usual = await usualRepository(options.repository);
  const roots = await Promise.all([...options.roots, ...(usual === null ? [] : [usual])].map(realRoot));
  const known = new KnownRepositories();
  const withFixtures = await loadFixtures(config.conformanceFixtures);
  const endpoint = new Endpoint({
    serverFor: (auth, era) =>
      withFixtures(createServer(backendFor(auth, { config, shared, usual, roots, known }), era)),
    idleMs: options.sessionIdleSeconds * 1000,
    mayStay: async (owner) => owner === '' || tokens.knows(owner),
    onerror: ({ message }) => log.warn({ message }, 'mcp over http'),
  });
  const ready = async () => void (await known.of(await shared.open(), null));
  const hosts = [address.host, ...allowedHosts].map(hostInUrl);
  const gate = new Gate({ endpoint, log, allowedHosts: hosts, tokens, tokenRequired, rateLimit, ready });
  try {
    onListening(await listen(gate.server, address));
    if (!signal.aborted) await once(signal, 'abort');
    await gate.drain(LIMITS.drainMs);
    await endpoint.close();
    gate.server.closeAllConnections();
  } finally {
    await shared.close();
  }
}

/** What the protocol's conformance suite needs is added where a test says so. */
async function loadFixtures(file: string | undefined): Promise<(server: McpServer) => McpServer> {
  if (file === undefined) return (server) => server;
  const { register } = (await import(pathToFileURL(resolve(file)).href)) as { register: (server: McpServer) => void };
  return (server) => {
    register(server);
    return server;
  };
}

async function requireSomeToken(tokens: TokenReader): Promise<void> {
  if ((await tokens.tokens()).some(isGood)) return;
  throw new CodebaseError(
    'invalid_input',
    'This server lets in only clients with a token and there is none; make one with codebase-mcp token create NAME --project ID.',
  );
}

async function realRoot(path: string): Promise<string> {
  return realpath(path).catch((cause: unknown) => {
    throw new CodebaseError('not_found', `--root ${path} does not exist; name a directory that does.`, { cause });
  });
}

/** Resolves with the URL of the endpoint. */
async function listen(server: Server, address: Address): Promise<string> {
  server.listen(address.port, address.host);
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    throw cannotListen(address, error);
  });
  const { port } = server.address() as AddressInfo;
  return `http://${hostInUrl(address.host)}:${port}/mcp`;
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
