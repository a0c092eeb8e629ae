// One connection of a client to the owner: requests out, progress and answers in.
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { type HolderConnection, Unresponsive } from '../database/holder.js';
import { CodebaseError, type ErrorCode, EXIT_CODES } from '../errors.js';
import { VERSION } from '../version.js';
import { decode, encode } from './framing.js';
import { type AnswerOf, type CallOptions, METHODS, type MethodName, type RequestOf } from './methods.js';
import { type Departure, type FromClient, FromOwner, PROTOCOL, type State, type Welcome } from './protocol.js';
import { Silence } from './silence.js';

/** How long an owner may say nothing while it is waited for; one that is alive says so far more often. */
const SILENCE_LIMIT_MS = 20_000;

/** The owner went away before it answered. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

interface Pending extends Omit<CallOptions, 'signal'> {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class OwnerConnection {
  readonly welcome: Welcome;
  /** Resolves when the connection has ended. */
  readonly ended: Promise<void>;
  private readonly socket: Socket;
  private readonly silence: Silence;
  private readonly pending = new Map<number, Pending>();
  /** Waits for the answer to a question without an id: there is one at a time. */
  private asked: Pending | undefined;
  private nextId = 1;
  private open = true;

  private constructor(socket: Socket, silence: Silence, welcome: Welcome, messages: AsyncGenerator<unknown>) {
    this.socket = socket;
    this.silence = silence;
    this.welcome = welcome;
    this.ended = this.read(messages);
  }

  /**
   * Says hello to the process that holds `directory`; null when it closes the connection instead of answering. Throws
   * `Unresponsive` when it does neither for `silenceMs`, and so do the calls of the connection.
   */
  static async greet(
    { socket, holder }: HolderConnection,
    directory: string,
    silenceMs = SILENCE_LIMIT_MS,
  ): Promise<OwnerConnection | null> {
    const messages = decode(socket);
    const silence = new Silence(silenceMs, () => socket.destroy(new Unresponsive(directory, holder)));
    socket.write(encode({ type: 'hello', token: holder?.token ?? '', protocol: PROTOCOL, version: VERSION }));
    try {
      const welcome = await silence.endsBefore(welcomeOf(messages, silence));
      return new OwnerConnection(socket, silence, welcome, messages);
    } catch (error) {
      socket.destroy();
      if (error instanceof Unresponsive) throw error;
      return null;
    }
  }

  /** Whether the owner is still there, as far as is known. */
  get usable(): boolean {
    return this.open;
  }

  /** Throws ConnectionLost when the owner goes away first. Aborting cancels the call there, and its error says so. */
  async call<M extends MethodName>(method: M, request: RequestOf<M>, options: CallOptions): Promise<AnswerOf<M>> {
    const { request: schema, answer } = METHODS[method];
    const checked = schema.parse(request);
    const id = this.nextId++;
    const { signal, ...told } = options;
    const cancel = () => this.send({ type: 'cancel', id });
    const answered = new Promise<unknown>((resolve, reject) => this.pending.set(id, { resolve, reject, ...told }));
    this.send({ type: 'call', id, method, request: checked });
    signal?.addEventListener('abort', cancel, { once: true });
    if (signal?.aborted) cancel();
    try {
      return answer.parse(await this.silence.endsBefore(answered)) as AnswerOf<M>;
    } finally {
      this.pending.delete(id);
      signal?.removeEventListener('abort', cancel);
    }
  }

  async state(): Promise<State> {
    return (await this.ask({ type: 'state' })) as State;
  }

  /** Asks the owner to end; `busy` when it was to do so only if nothing runs, and something does. */
  async leave(options: { unlessBusy: boolean }): Promise<Departure> {
    const answer = (await this.ask({ type: 'leave', unless_busy: options.unlessBusy })) as Departure;
    if (answer.type === 'leaving') await this.silence.endsBefore(this.ended);
    return answer;
  }

  async close(): Promise<void> {
    if (this.socket.destroyed) return;
    const closed = once(this.socket, 'close');
    this.socket.destroy();
    await closed;
  }

  private ask(question: FromClient): Promise<unknown> {
    const answered = new Promise((resolve, reject) => {
      this.asked = { resolve, reject };
    });
    this.send(question);
    return this.silence.endsBefore(answered);
  }

  private send(message: FromClient): void {
    if (this.open) this.socket.write(encode(message));
    else this.lost(new ConnectionLost('the owner went away'));
  }

  private async read(messages: AsyncGenerator<unknown>): Promise<void> {
    let end: Error = new ConnectionLost('the owner went away');
    try {
      for await (const message of messages) this.receive(FromOwner.parse(message));
    } catch (error) {
      if (error instanceof Unresponsive) end = error;
      this.socket.destroy(); // what cannot be understood ends the connection like a death of the owner
    }
    this.open = false;
    this.lost(end);
  }

  private receive(message: FromOwner): void {
    this.silence.broken();
    if (message.type === 'alive') return;
    if (!('id' in message)) {
      this.asked?.resolve(message);
      return;
    }
    const call = this.pending.get(message.id);
    if (message.type === 'progress') call?.onProgress?.(message.job);
    else if (message.type === 'moving') call?.onMove?.(message.progress);
    else if (message.type === 'result') call?.resolve(message.answer);
    else call?.reject(errorOf(message));
  }

  private lost(error: Error): void {
    for (const call of this.pending.values()) call.reject(error);
    this.asked?.reject(error);
  }
}

async function welcomeOf(messages: AsyncGenerator<unknown>, silence: Silence): Promise<Welcome> {
  for (;;) {
    const { value } = await messages.next();
    const message = FromOwner.parse(value);
    if (message.type === 'welcome') return message;
    if (message.type !== 'alive') throw new Error(`an owner does not greet with ${message.type}`);
    silence.broken();
  }
}

function errorOf({ code, message }: { code: string | null; message: string }): Error {
  return code !== null && Object.hasOwn(EXIT_CODES, code)
    ? new CodebaseError(code as ErrorCode, message)
    : new Error(message);
}
