// The MCP endpoint: one address for both protocol eras. The revision of 2026-07-28 has no sessions and each request gets a
// server of its own; earlier ones get a session that begins with `initialize`.
import {
  type AuthInfo,
  createMcpHandler,
  isJsonContentType,
  isLegacyRequest,
  type McpHttpHandler,
  type McpServer,
  type ProtocolEra,
} from '@modelcontextprotocol/server';
import { LIMITS } from './limits.js';
import { Sessions, type SessionsOptions } from './sessions.js';

/** One request on its way through. */
export interface Exchange {
  /** Whose token it came with; undefined for a caller who needs none. */
  readonly auth: AuthInfo | undefined;
  /** Called with the body once it is read, for the log. */
  readonly onMessage: (message: unknown) => void;
  /** Called when the answer is complete, which its reader may not have taken yet. */
  readonly onAnswer: () => void;
  /** Called with what must be given back when the answer has been sent. */
  readonly onEnd: (release: () => void) => void;
}

export interface EndpointOptions {
  /** A server for one caller; it knows only what the caller may see. */
  readonly serverFor: (auth: AuthInfo | undefined, era: ProtocolEra) => McpServer;
  readonly idleMs: number;
  readonly mayStay: SessionsOptions['mayStay'];
  readonly onerror: (error: Error) => void;
}

export class Endpoint {
  readonly sessions: Sessions;
  private readonly modern: McpHttpHandler;
  private readonly serverFor: EndpointOptions['serverFor'];

  constructor({ serverFor, idleMs, mayStay, onerror }: EndpointOptions) {
    this.serverFor = serverFor;
    this.sessions = new Sessions({ idleMs, mayStay, onerror });
    this.modern = createMcpHandler(({ authInfo, era }) => serverFor(authInfo, era), {
      legacy: 'reject',
      onerror,
      maxSubscriptions: LIMITS.sessions,
      maxRequestBodySize: LIMITS.bodyBytes,
      keepAliveMs: LIMITS.streamCommentMs,
    });
  }

  async fetch(request: Request, exchange: Exchange): Promise<Response> {
    return endingWithItsReader(request, await this.answer(request, exchange), exchange.onAnswer);
  }

  async close(): Promise<void> {
    await Promise.all([this.sessions.close(), this.modern.close()]);
  }

  private async answer(request: Request, { auth, onMessage, onEnd }: Exchange): Promise<Response> {
    const parsedBody = request.method === 'POST' ? await bodyOf(request) : undefined;
    if (parsedBody instanceof Response) return parsedBody;
    onMessage(parsedBody);
    const passed = { parsedBody, ...(auth !== undefined && { authInfo: auth }) };
    if (!(await isLegacyRequest(request, parsedBody))) return this.modern.fetch(request, passed);
    const id = request.headers.get('mcp-session-id');
    const owner = auth?.clientId ?? '';
    if (id !== null) {
      const session = this.sessions.take(id, owner);
      if (session === undefined) return refusal(404, -32001, 'Session not found; POST initialize for a new one.');
      onEnd(session.release);
      return session.transport.handleRequest(request, passed);
    }
    if (request.method !== 'POST') return refusal(400, -32000, 'Mcp-Session-Id is missing; POST initialize first.');
    const transport = await this.sessions.begin(this.serverFor(auth, 'legacy'), owner);
    const response = await transport.handleRequest(request, passed);
    if (transport.sessionId === undefined) await transport.close();
    return response;
  }
}

async function bodyOf(request: Request): Promise<unknown> {
  if (!isJsonContentType(request.headers.get('content-type')))
    return refusal(415, -32000, 'Content-Type must be application/json.');
  try {
    return JSON.parse(await request.text()) as unknown;
  } catch {
    return refusal(400, -32700, 'Parse error: the body is no JSON.');
  }
}

export function refusal(status: number, code: number, message: string, headers: Record<string, string> = {}): Response {
  return Response.json({ jsonrpc: '2.0', error: { code, message }, id: null }, { status, headers });
}

/**
 * A stream is let go at once when its reader has gone; otherwise that shows with the next thing it would have read. It begins
 * with a comment, because Node keeps the headers back until there is something to send with them. What is answered is taken
 * into memory however slowly it is read, so that a reader who has stopped holds up nothing but itself.
 */
function endingWithItsReader(request: Request, response: Response, onAnswer: () => void): Response {
  if (response.body === null) {
    onAnswer();
    return response;
  }
  const streams = response.headers.get('content-type') === 'text/event-stream';
  const start = (controller: TransformStreamDefaultController) => {
    if (streams) controller.enqueue(OPENING);
  };
  const kept = new ByteLengthQueuingStrategy({ highWaterMark: LIMITS.answerBytes });
  const through: TransformStream = new TransformStream({ start, flush: onAnswer }, undefined, kept);
  const body = response.body.pipeThrough(through, { signal: request.signal });
  return new Response(body, { status: response.status, headers: response.headers });
}

const OPENING = new TextEncoder().encode(': open\n\n');
