// The owner's side of one client: reads its messages, runs its calls, and lets go of them when it is gone.
import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { CodebaseError } from '../errors.js';
import type { Codebase } from '../service.js';
import { decode, encode } from './framing.js';
import { type CallOptions, METHODS, type MethodName } from './methods.js';
import {
  ALIVE_MS,
  type Departure,
  FromClient,
  type FromOwner,
  Greeting,
  PROTOCOL,
  type State,
  type Welcome,
} from './protocol.js';

/** What a session needs of the process it is in. */
export interface Host {
  readonly token: string;
  /** Clients are welcomed when it is open. */
  readonly codebase: Promise<Codebase>;
  readonly welcome: Welcome;
  /** Reports an error that is none of the expected ones; returns the sentence for the client. */
  readonly bug: (error: unknown) => Promise<string>;
  readonly state: () => Promise<State>;
  /** Ends the process, in any case or only when nothing runs. */
  readonly leave: (options: { unlessBusy: boolean }) => Promise<Departure>;
}

/** Calls of one client at a time. */
const MOST_CALLS = 32;

interface Call {
  readonly abort: AbortController;
  /** It waits for an indexing job. */
  indexing: boolean;
}

export class Session {
  private readonly socket: Socket;
  private readonly host: Host;
  private readonly calls = new Map<number, Call>();
  private readonly answers = new Set<Promise<void>>();
  private readonly gone = new AbortController();
  private closing = false;

  constructor(socket: Socket, host: Host) {
    this.socket = socket;
    this.host = host;
    socket.once('close', () => this.gone.abort());
  }

  /** Requests being answered that do not only wait for an indexing job. */
  get answering(): number {
    return [...this.calls.values()].filter((call) => !call.indexing).length;
  }

  /** Resolves when the client is gone. `onGreeted` is called when it has shown that it is one. */
  async serve(onGreeted: () => void): Promise<void> {
    try {
      const messages = decode(this.socket);
      if (!(await this.greet(messages))) return;
      onGreeted();
      for await (const message of messages) {
        if (this.closing) continue;
        this.receive(FromClient.parse(message));
        await this.roomForMore();
      }
    } catch {
      // A client that breaks off, or speaks another language, has gone away.
    } finally {
      this.socket.destroy();
      this.letGo();
    }
  }

  /** No calls are taken any more; what comes is left to the next owner. */
  stopReading(): void {
    this.closing = true;
  }

  /** What was written still goes out, as far as the client reads it. */
  end(): void {
    this.socket.destroySoon();
  }

  /** Nothing more is answered: whoever asked asks the next owner. */
  cut(): void {
    this.socket.destroy();
  }

  private async greet(messages: AsyncGenerator<unknown>): Promise<boolean> {
    const hello = Greeting.safeParse((await messages.next()).value);
    if (!hello.success || !equal(hello.data.token, this.host.token)) return false;
    const stop = hello.data.protocol === PROTOCOL ? this.sayAlive() : () => {};
    await this.host.codebase.finally(stop);
    this.send(this.host.welcome);
    return true;
  }

  /** Who asks more than can be answered, or does not read the answers, is not read either. */
  private async roomForMore(): Promise<void> {
    const { signal } = this.gone;
    while (this.answers.size >= MOST_CALLS && !signal.aborted) await Promise.race(this.answers);
    if (this.socket.writableNeedDrain) await once(this.socket, 'drain', { signal });
  }

  private receive(message: FromClient): void {
    if (message.type === 'call') {
      const answer = this.answer(message).finally(() => this.answers.delete(answer));
      this.answers.add(answer);
    } else if (message.type === 'cancel') this.calls.get(message.id)?.abort.abort();
    else if (message.type === 'state') void this.host.state().then((state) => this.send(state));
    else void this.host.leave({ unlessBusy: message.unless_busy }).then((answer) => this.send(answer));
  }

  private async answer({ id, method, request }: Extract<FromClient, { type: 'call' }>): Promise<void> {
    const call: Call = { abort: new AbortController(), indexing: false };
    this.calls.set(id, call);
    const stop = this.sayAlive();
    try {
      const answer = await this.run(method, request, {
        signal: call.abort.signal,
        onProgress: (job) => {
          call.indexing = job.state === 'running';
          this.sendStep({ type: 'progress', id, job });
        },
        onMove: (progress) => this.sendStep({ type: 'moving', id, progress }),
      });
      this.send({ type: 'result', id, answer });
    } catch (error) {
      this.send({ type: 'error', id, ...(await this.describe(error)) });
    } finally {
      stop();
      this.calls.delete(id);
    }
  }

  private async run(method: string, request: unknown, options: CallOptions): Promise<unknown> {
    if (!Object.hasOwn(METHODS, method)) throw unknownRequest(method);
    const { request: schema, answer, run } = METHODS[method as MethodName];
    const parsed = schema.safeParse(request);
    if (!parsed.success) throw unknownRequest(method);
    const codebase = await this.host.codebase;
    // Each row's own request and answer fit together, which a union of rows cannot say.
    return answer.parse(await run(codebase, parsed.data as never, options));
  }

  private async describe(error: unknown): Promise<{ code: string | null; message: string }> {
    if (error instanceof CodebaseError) return { code: error.code, message: error.message };
    if (error instanceof Error && error.name === 'AbortError') return { code: 'cancelled', message: 'Cancelled.' };
    return { code: null, message: await this.host.bug(error) };
  }

  /** Tells the client that waits, now and then, that this process is not stuck; returns how to stop. */
  private sayAlive(): () => void {
    const timer = setInterval(() => this.sendStep({ type: 'alive' }), ALIVE_MS);
    return () => clearInterval(timer);
  }

  /** A client that is slow to read misses steps, not answers. */
  private sendStep(message: FromOwner): void {
    if (!this.socket.writableNeedDrain) this.send(message);
  }

  private send(message: FromOwner): void {
    if (!this.socket.destroyed) this.socket.write(encode(message));
  }

  /** Searches of a client that is gone end; an indexing job goes on, because nobody cancelled it. */
  private letGo(): void {
    for (const call of this.calls.values()) if (!call.indexing) call.abort.abort();
  }
}

function equal(given: string, token: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function unknownRequest(method: string): CodebaseError {
  return new CodebaseError(
    'in_use',
    `The request ${method} is not understood by the codebase-mcp that holds the index; run codebase-mcp owner stop, and update this program if it happens again.`,
  );
}
