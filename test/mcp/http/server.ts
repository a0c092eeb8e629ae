// A real `codebase-mcp serve` in a process of its own, and clients of both protocol eras that talk to it.
import { once } from 'node:events';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { type Outcome, outcome, type Setting, start } from '../../cli/command.js';
import { type Era, MODES } from '../client.js';

export interface HttpServer {
  readonly url: URL;
  readonly pid: number;
  /** Connects a client; `token`: what it shows. */
  readonly connect: (era: Era, token?: string) => Promise<Client>;
  readonly stop: (signal?: NodeJS.Signals) => Promise<Outcome>;
}

/** Listens at a port that the system chooses. */
export async function serve(setting: Setting, ...args: readonly string[]): Promise<HttpServer> {
  const child = start(setting, 'serve', '--http', '127.0.0.1:0', ...args);
  const ended = outcome(child);
  let seen = '';
  while (!/ at (\S+)\n/.test(seen)) {
    const [more] = (await Promise.race([once(child.stderr, 'data'), ended.then(({ stderr }) => [stderr, true])])) as [
      string,
    ];
    if (child.exitCode !== null) throw new Error(`serve ended: ${more}`);
    seen += more;
  }
  const url = new URL(/ at (\S+)\n/.exec(seen)?.[1] ?? '');
  return {
    url,
    pid: child.pid ?? 0,
    connect: (era, token) => connectHttp(url, era, token),
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal);
      return ended;
    },
  };
}

async function connectHttp(url: URL, era: Era, token: string | undefined): Promise<Client> {
  const client = new Client({ name: 'test', version: '0' }, { versionNegotiation: { mode: MODES[era] } });
  const requestInit = token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit }));
  return client;
}

export const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '0' } },
} as const;

/** A message as a client would post it. */
export async function post(url: URL, message: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    body: typeof message === 'string' ? message : JSON.stringify(message),
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
  });
}
