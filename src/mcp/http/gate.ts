// The HTTP server in front of the endpoint: whom it lets in, how much of each, and a line in the log about it.
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  hostHeaderValidation,
  type NodeIncomingMessageLike,
  originValidation,
  toNodeHandler,
} from '@modelcontextprotocol/node';
import { localhostAllowedHostnames } from '@modelcontextprotocol/server';
import type { Logger } from '../../log.js';
import { type Endpoint, refusal } from './endpoint.js';
import { LIMITS } from './limits.js';

export interface GateOptions {
  readonly endpoint: Endpoint;
  readonly log: Logger;
  /** Host names, without port, besides those of this machine. */
  readonly allowedHosts: readonly string[];
  readonly onerror: (error: Error) => void;
}

/** Not listening yet. */
export function createGate({ endpoint, log, allowedHosts, onerror }: GateOptions): Server {
  const hosts = [...localhostAllowedHostnames(), ...allowedHosts];
  const hostAllowed = hostHeaderValidation(hosts);
  const originAllowed = originValidation(hosts);
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!hostAllowed(request, response) || !originAllowed(request, response)) return;
    if (pathOf(request) !== '/mcp') return send(response, refusal(404, -32000, 'Not found; MCP is at /mcp.'));
    const onEnd = (release: () => void) => void response.once('close', release);
    const exchange = { auth: undefined, onMessage: () => {}, onEnd };
    const fetch = (each: Request) => endpoint.fetch(each, exchange);
    // Its parameter wants absent where Node's type says undefined.
    const like = request as IncomingMessage & NodeIncomingMessageLike;
    await toNodeHandler({ fetch }, { maxRequestBodySize: LIMITS.bodyBytes, onerror })(like, response);
  };
  const server = createServer(
    {
      headersTimeout: LIMITS.headersMs,
      requestTimeout: LIMITS.requestMs,
      keepAliveTimeout: LIMITS.keepAliveMs,
      connectionsCheckingInterval: LIMITS.checkMs,
      maxHeaderSize: LIMITS.headerBytes,
    },
    (request, response) => {
      const id = randomUUID();
      const started = performance.now();
      response.once('close', () =>
        log.info({ request: id, method: request.method, status: response.statusCode, ms: performance.now() - started }),
      );
      handle(request, response).catch(onerror);
    },
  );
  server.timeout = LIMITS.silentMs;
  server.maxConnections = LIMITS.connections;
  return server;
}

function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? '/';
}

async function send(response: ServerResponse, answer: Response): Promise<void> {
  response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
}
