// Sessions of the protocol revisions that have them (2025-11-25 and before): one server and one transport each, closed by
// the client, when they were idle for too long or their token is revoked, or, in a flood, to make room.
import { randomUUID } from 'node:crypto';
import { type McpServer, WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server';
import { LIMITS } from './limits.js';

interface Session {
  readonly transport: WebStandardStreamableHTTPServerTransport;
  /** Who opened it; to everybody else it does not exist. */
  readonly owner: string;
  /** Answers and streams that are open. */
  busy: number;
  /** Has the client come back after `initialize`? */
  used: boolean;
  /** The process's milliseconds. */
  lastUsed: number;
}

export interface SessionsOptions {
  readonly idleMs: number;
  /** Is this owner, who was let in, still one? A stream asks for nothing that would show it. */
  readonly mayStay: (owner: string) => Promise<boolean>;
  readonly onerror: (error: Error) => void;
}

export class Sessions {
  private readonly open = new Map<string, Session>();
  private readonly options: SessionsOptions;
  private readonly reaper: NodeJS.Timeout;

  constructor(options: SessionsOptions) {
    this.options = options;
    this.reaper = setInterval(() => void this.reap().catch(options.onerror), LIMITS.reapEveryMs).unref();
  }

  get size(): number {
    return this.open.size;
  }

  /** The transport of the caller's session, taken until `release`; undefined when it has none of this name. */
  take(id: string, owner: string): { transport: Session['transport']; release: () => void } | undefined {
    const session = this.open.get(id);
    if (session === undefined || session.owner !== owner) return undefined;
    session.used = true;
    session.busy++;
    session.lastUsed = performance.now();
    const release = () => {
      session.busy--;
      session.lastUsed = performance.now();
    };
    return { transport: session.transport, release };
  }

  /** A transport for a request that may be an `initialize`; it becomes a session when it was one. */
  async begin(server: McpServer, owner: string): Promise<Session['transport']> {
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      keepAliveMs: LIMITS.streamCommentMs,
      onsessioninitialized: (id) => {
        this.makeRoom();
        this.open.set(id, { transport, owner, busy: 0, used: false, lastUsed: performance.now() });
      },
    });
    transport.onclose = () => {
      if (transport.sessionId !== undefined) this.open.delete(transport.sessionId);
    };
    transport.onerror = this.options.onerror;
    await server.connect(transport);
    return transport;
  }

  async close(): Promise<void> {
    clearInterval(this.reaper);
    await Promise.all([...this.open.values()].map(({ transport }) => transport.close()));
  }

  private async reap(): Promise<void> {
    const owners = [...new Set([...this.open.values()].map(({ owner }) => owner))];
    const gone = new Set<string>();
    for (const owner of owners) if (!(await this.options.mayStay(owner))) gone.add(owner);
    const now = performance.now();
    for (const session of this.open.values()) {
      const patience = session.used ? this.options.idleMs : Math.min(this.options.idleMs, LIMITS.unusedSessionMs);
      const idle = session.busy === 0 && now - session.lastUsed > patience;
      if (idle || gone.has(session.owner)) void session.transport.close();
    }
  }

  /** The session goes that was never used, else the one unused for longest; those with an answer or a stream open last. */
  private makeRoom(): void {
    if (this.open.size < LIMITS.sessions) return;
    const rank = ({ busy, used }: Session) => (busy > 0 ? 2 : used ? 1 : 0);
    const [first] = [...this.open.values()].sort((a, b) => rank(a) - rank(b) || a.lastUsed - b.lastUsed);
    void first?.transport.close();
  }
}
