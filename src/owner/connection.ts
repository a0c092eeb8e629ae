// One connection of a client to the owner: requests out, progress and answers in.
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { CodebaseError, type ErrorCode, EXIT_CODES } from '../errors.js';
import { VERSION } from '../version.js';
import { decode, encode } from './framing.js';
import { type AnswerOf, type CallOptions, METHODS, type MethodName, type RequestOf } from './methods.js';
import { type Departure, type FromClient, FromOwner, PROTOCOL, type State, type Welcome } from './protocol.js';

/** The owner went away before it answered. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

interface Pending {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly onProgress: CallOptions['onProgress'];
}

export class OwnerConnection {
  readonly welcome: Welcome;
  /** Resolves when the connection has ended. */
  readonly ended: Promise<void>;
  private readonly socket: Socket;
  private readonly pending = new Map<number, Pending>();
  /** Waits for the answer to a question without an id: there is one at a time. */
  private asked: Omit<Pending, 'onProgress'> | undefined;
  private nextId = 1;
  private open = true;

  private constructor(socket: Socket, welcome: Welcome, messages: AsyncGenerator<unknown>) {
    this.socket = socket;
    this.welcome = welcome;
    this.ended = this.read(messages);
  }

  /** Says hello on a connected socket; null when the other side closes it instead of answering. */
  static async greet(socket: Socket, token: string): Promise<OwnerConnection | null> {
    const messages = decode(socket);
    socket.write(encode({ type: 'hello', token, protocol: PROTOCOL, version: VERSION }));
    const first = await messages.next().catch(() => null);
    const welcome = FromOwner.safeParse(first?.value);
    if (welcome.success && welcome.data.type === 'welcome') return new OwnerConnection(socket, welcome.data, messages);
    socket.destroy();
    return null;
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
    const { signal, onProgress } = options;
    const cancel = () => this.send({ type: 'cancel', id });
    const answered = new Promise<unknown>((resolve, reject) => this.pending.set(id, { resolve, reject, onProgress }));
    this.send({ type: 'call', id, method, request: checked });
    signal?.addEventListener('abort', cancel, { once: true });
    if (signal?.aborted) cancel();
    try {
      return answer.parse(await answered) as AnswerOf<M>;
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
    return (await this.ask({ type: 'leave', unless_busy: options.unlessBusy })) as Departure;
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
    return answered;
  }

  private send(message: FromClient): void {
    if (this.open) this.socket.write(encode(message));
    else this.lost();
  }

  private async read(messages: AsyncGenerator<unknown>): Promise<void> {
    try {
      for await (const message of messages) this.receive(FromOwner.parse(message));
    } catch {
      this.socket.destroy(); // what cannot be understood ends the connection like a death of the owner
    }
    this.open = false;
    this.lost();
  }

  private receive(message: FromOwner): void {
    if (!('id' in message)) {
      this.asked?.resolve(message);
      return;
    }
    const call = this.pending.get(message.id);
    if (message.type === 'progress') call?.onProgress?.(message.job);
    else if (message.type === 'result') call?.resolve(message.answer);
    else call?.reject(errorOf(message));
  }

  private lost(): void {
    const error = new ConnectionLost('the owner went away');
    for (const call of this.pending.values()) call.reject(error);
    this.asked?.reject(error);
  }
}

function errorOf({ code, message }: { code: string | null; message: string }): Error {
  return code !== null && Object.hasOwn(EXIT_CODES, code)
    ? new CodebaseError(code as ErrorCode, message)
    : new Error(message);
}
