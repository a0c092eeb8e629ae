// The HTTP server in front of the endpoint: whom it lets in, how much of each, and a line in the log about every request.
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import {
  hostHeaderValidation,
  type NodeIncomingMessageLike,
  originValidation,
  toNodeHandler,
} from '@modelcontextprotocol/node';
import { localhostAllowedHostnames } from '@modelcontextprotocol/server';
import type { Logger } from '../../log.js';
import { type Caller, callerOf } from './callers.js';
import { type Endpoint, refusal } from './endpoint.js';
import { LIMITS } from './limits.js';
import { createMeasures, type Measures } from './measures.js';
import type { TokenReader } from './tokens.js';
import { Turnstile } from './turnstile.js';

export interface GateOptions {
  readonly endpoint: Endpoint;
  readonly log: Logger;
  /** Host names, without port, besides those of this machine. */
  readonly allowedHosts: readonly string[];
  readonly tokens: TokenReader;
  readonly tokenRequired: boolean;
  /** Requests per second of one caller. */
  readonly rateLimit: number;
  /** Throws while the index cannot be asked. */
  readonly ready: () => Promise<void>;
}

/** What the log says about a request, filled while it is answered; never what was asked. */
interface Record {
  readonly request: string;
  caller: string | null;
  message: string | null;
  tool: string | null;
}

const ROUTES = ['/mcp', '/healthz', '/readyz', '/metrics'];

export class Gate {
  readonly server: Server;
  private readonly options: GateOptions;
  private readonly turnstile: Turnstile;
  private readonly measures: Measures;
  private readonly hostAllowed: ReturnType<typeof hostHeaderValidation>;
  private readonly originAllowed: ReturnType<typeof originValidation>;
  private readonly unanswered = new WeakMap<Socket, Set<ServerResponse>>();
  private draining = false;

  /** Not listening yet. */
  constructor(options: GateOptions) {
    this.options = options;
    this.turnstile = new Turnstile(options.rateLimit);
    this.measures = createMeasures({
      sessions: () => options.endpoint.sessions.size,
      inFlight: () => this.turnstile.inFlight,
    });
    const hosts = [...localhostAllowedHostnames(), ...options.allowedHosts];
    this.hostAllowed = hostHeaderValidation(hosts);
    this.originAllowed = originValidation(hosts);
    const times = {
      headersTimeout: LIMITS.headersMs,
      requestTimeout: LIMITS.requestMs,
      keepAliveTimeout: LIMITS.keepAliveMs,
    };
    const limits = { ...times, connectionsCheckingInterval: LIMITS.checkMs, maxHeaderSize: LIMITS.headerBytes };
    this.server = createServer(limits, (request, response) => void this.serve(request, response));
    this.server.on('connection', (socket) => this.watch(socket));
    this.server.timeout = LIMITS.silentMs;
    this.server.maxConnections = LIMITS.connections;
  }

  /** Lets nobody in any more; resolves when what was in hand is answered, or after `milliseconds`. */
  async drain(milliseconds: number): Promise<void> {
    this.draining = true;
    this.server.close();
    const deadline = performance.now() + milliseconds;
    while (this.turnstile.inFlight > 0 && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 20));
  }

  /** Node tells only the first of several answers on one connection that it has closed; here all of them learn it. */
  private watch(socket: Socket): void {
    const unanswered = new Set<ServerResponse>();
    this.unanswered.set(socket, unanswered);
    socket.once('close', () => {
      for (const response of unanswered) response.emit('close');
    });
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const started = performance.now();
    const record: Record = { request: randomUUID(), caller: null, message: null, tool: null };
    const [path = '/'] = (request.url ?? '/').split('?', 1);
    const route = ROUTES.includes(path) ? path : 'other';
    const { socket } = request;
    const unanswered = this.unanswered.get(socket)?.add(response);
    response.setHeader('x-request-id', record.request);
    response.once('close', () => {
      unanswered?.delete(response);
      const ms = performance.now() - started;
      const status = response.writableFinished ? response.statusCode : null;
      this.measures.answered(route, status ?? 499);
      if (record.message !== null) this.measures.took(record.message, ms / 1000);
      this.options.log.info(
        { ...record, http: request.method, route, status, ms: Math.round(ms * 10) / 10 },
        'request',
      );
    });
    if ((unanswered?.size ?? 0) > LIMITS.pipelined) return void socket.destroy();
    try {
      if (!this.hostAllowed(request, response) || !this.originAllowed(request, response)) return;
      const answer = await this.answer(route, request, response, record);
      if (answer !== null) await send(request, response, answer);
    } catch (error) {
      this.options.log.error({ request: record.request, err: error }, 'request failed');
      if (!response.headersSent)
        await send(request, response, refusal(500, -32603, 'Internal error; the log has the details.'));
      else response.destroy();
    }
  }

  /** null when it is answered already. */
  private async answer(
    route: string,
    request: IncomingMessage,
    response: ServerResponse,
    record: Record,
  ): Promise<Response | null> {
    if (route === '/healthz') return Response.json({ status: 'ok' });
    if (route === '/readyz') return this.readiness();
    const { tokens, tokenRequired } = this.options;
    const address = request.socket.remoteAddress ?? '';
    const caller = await callerOf(request.headers.authorization, address, { tokens, required: tokenRequired });
    if (caller instanceof Response) return caller;
    record.caller = caller.auth === undefined ? null : caller.name;
    if (route === '/metrics') return this.measures.text();
    if (route === 'other') return refusal(404, -32000, 'Not found; MCP is at /mcp.');
    const full = await this.turnstile.enter(caller.name);
    if (full !== null) return full;
    await this.pass(caller, request, response, record);
    return null;
  }

  private async pass(
    caller: Caller,
    request: IncomingMessage,
    response: ServerResponse,
    record: Record,
  ): Promise<void> {
    const { endpoint, log } = this.options;
    let here = true;
    const leave = () => {
      if (here) this.turnstile.leave(caller.name);
      here = false;
    };
    // A stream that only listens may stay open for days and takes no place.
    const streams = request.method === 'GET';
    if (streams) leave();
    const late = streams ? undefined : setTimeout(() => response.destroy(), LIMITS.exchangeMs);
    response.once('close', () => {
      clearTimeout(late);
      leave();
    });
    const exchange = {
      auth: caller.auth,
      onMessage: (message: unknown) => Object.assign(record, named(message)),
      onAnswer: leave,
      onEnd: (release: () => void) => void response.once('close', release),
    };
    const fetch = (each: Request) => endpoint.fetch(each, exchange);
    const onerror = ({ message }: Error) => log.warn({ request: record.request, message }, 'request failed');
    // Its parameter wants absent where Node's type says undefined.
    const like = request as IncomingMessage & NodeIncomingMessageLike;
    await toNodeHandler({ fetch }, { maxRequestBodySize: LIMITS.bodyBytes, onerror })(like, response);
  }

  private async readiness(): Promise<Response> {
    try {
      if (!this.draining) await this.options.ready();
      return Response.json({ status: this.draining ? 'stopping' : 'ready' }, { status: this.draining ? 503 : 200 });
    } catch {
      return Response.json({ status: 'the index cannot be asked; the log has the details' }, { status: 503 });
    }
  }
}

const SHOWN_CHARACTERS = 64;

/** The names in a message that the log may show. */
function named(message: unknown): Pick<Record, 'message' | 'tool'> {
  if (Array.isArray(message)) return { message: 'batch', tool: null };
  const { method, params } = (message ?? {}) as {
    readonly method?: unknown;
    readonly params?: { readonly name?: unknown };
  };
  const tool = method === 'tools/call' ? params?.name : null;
  return { message: cut(method), tool: cut(tool) };
}

function cut(name: unknown): string | null {
  return typeof name === 'string' ? name.slice(0, SHOWN_CHARACTERS) : null;
}

/** A request that is answered before all of it was read takes its connection with it. */
async function send(request: IncomingMessage, response: ServerResponse, answer: Response): Promise<void> {
  if (!request.complete) response.setHeader('connection', 'close');
  response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
}
