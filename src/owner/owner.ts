// The owner: the one process that holds the embedded database and serves every other through the socket that locks it. It
// leaves when nobody has been connected and no job has run for a while.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { type OpenedCodebase, openCodebase } from '../app.js';
import type { Config } from '../config.js';
import { CodebaseError } from '../errors.js';
import { describeFailure } from '../failure.js';
import { type Logger, openLog } from '../log.js';
import { VERSION } from '../version.js';
import { type Departure, embedderSettings, PROTOCOL, type State, type Welcome } from './protocol.js';
import { type Host, Session } from './session.js';

/** How long requests under way may take when the owner is asked to leave; what is not done then is asked of the next. */
const LEAVE_GRACE_MS = 3000;
const LEAVE_POLL_MS = 20;

/**
 * Runs the owner until it leaves: unused, asked to, or told by the signal. Rejects when the database cannot be opened;
 * `onOpen` is called when it is open.
 */
export async function runOwner(config: Config, signal: AbortSignal, onOpen: () => void): Promise<void> {
  if (config.databaseUrl !== undefined) {
    throw new CodebaseError(
      'usage',
      'A PostgreSQL server needs no owner process; unset DATABASE_URL to start the one of the embedded database.',
    );
  }
  const owner = new Owner(config);
  await owner.open();
  onOpen();
  await owner.serve(signal);
}

class Owner {
  private readonly config: Config;
  private readonly log: Logger;
  private readonly startedAt = new Date().toISOString();
  private readonly codebase: Promise<OpenedCodebase>;
  private readonly host: Host;
  private readonly sessions = new Set<Session>();
  /** Aborted, with the reason in words, when the owner is to leave. */
  private readonly leaving = new AbortController();
  /** Open connections, of clients and of others. */
  private connections = 0;
  private idle: NodeJS.Timeout | undefined;

  constructor(config: Config) {
    this.config = config;
    this.log = openLog(config.logFile);
    const token = randomBytes(32).toString('hex');
    const clients = { token, accept: (socket: Socket) => void this.accept(socket), lost: () => this.endAtOnce() };
    const onDamage = (reason: string) => this.abandon(reason);
    this.codebase = openCodebase(config, { holder: 'codebase-mcp owner', clients, longLived: true, onDamage });
    this.host = {
      token,
      codebase: this.codebase,
      welcome: this.welcome(),
      bug: async (error) => (await describeFailure(error, async () => config.logFile)).sentence,
      state: () => this.state(),
      leave: (options) => this.leave(options),
    };
  }

  async open(): Promise<void> {
    const codebase = await this.codebase;
    this.log.info({ version: VERSION, directory: this.config.dataDirectory }, 'owner started');
    this.waitForClients();
    await codebase.resumeJobs();
  }

  async serve(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.leaving.abort('told by a signal'), { once: true });
    if (signal.aborted) this.leaving.abort('told by a signal');
    if (!this.leaving.signal.aborted) await once(this.leaving.signal, 'abort');
    this.log.info({ reason: this.leaving.signal.reason }, 'owner leaves');
    clearTimeout(this.idle);
    for (const session of this.sessions) session.stopReading();
    await this.requestsToEnd(signal);
    for (const session of this.sessions) session.end();
    await (await this.codebase).close();
  }

  private async accept(socket: Socket): Promise<void> {
    if (this.leaving.signal.aborted) {
      socket.destroy(); // it comes back until another owner takes it
      return;
    }
    this.connections += 1;
    clearTimeout(this.idle);
    const session = new Session(socket, this.host);
    await session.serve(() => this.sessions.add(session));
    this.sessions.delete(session);
    this.connections -= 1;
    this.waitForClients();
  }

  private waitForClients(): void {
    clearTimeout(this.idle);
    if (this.leaving.signal.aborted || this.connections > 0) return;
    this.idle = setTimeout(() => this.leaveUnlessUsed(), this.config.ownerIdleSeconds * 1000);
  }

  private async leaveUnlessUsed(): Promise<void> {
    await nextTurn(); // a machine that was suspended for so long lets clients in first
    if (this.connections > 0) return;
    if ((await this.codebase).runningJobs() > 0) this.waitForClients();
    else this.leaving.abort('unused');
  }

  private async requestsToEnd(signal: AbortSignal): Promise<void> {
    const deadline = performance.now() + LEAVE_GRACE_MS;
    do await sleep(LEAVE_POLL_MS);
    while (this.answering() > 0 && !signal.aborted && performance.now() < deadline);
  }

  private answering(): number {
    return [...this.sessions].reduce((sum, session) => sum + session.answering, 0);
  }

  private async leave({ unlessBusy }: { unlessBusy: boolean }): Promise<Departure> {
    const [calls, jobs] = [this.answering(), (await this.codebase).runningJobs()];
    if (unlessBusy && calls + jobs > 0) return { type: 'busy', calls, jobs };
    this.leaving.abort('asked to');
    return { type: 'leaving' };
  }

  /** The database is damaged: what is being asked is left to the next owner, which makes a new one. */
  private abandon(reason: string): void {
    this.leaving.abort(`the database is damaged: ${reason}`);
    for (const session of this.sessions) session.cut();
  }

  /** As if killed, which loses nothing that was stored: the directory may be another owner's already. */
  private endAtOnce(): void {
    const { dataDirectory: directory } = this.config;
    this.log.warn({ directory }, 'owner ends at once: its socket or its directory was removed');
    process.exit(1);
  }

  private async state(): Promise<State> {
    return {
      type: 'state',
      clients: this.sessions.size - 1,
      calls: this.answering(),
      jobs: (await this.codebase).runningJobs(),
      memory_mb: Math.round(process.memoryUsage.rss() / 2 ** 20),
      idle_seconds: this.config.ownerIdleSeconds,
    };
  }

  private welcome(): Welcome {
    return {
      type: 'welcome',
      protocol: PROTOCOL,
      version: VERSION,
      pid: process.pid,
      started_at: this.startedAt,
      embedder: embedderSettings(this.config.embedder),
    };
  }
}
