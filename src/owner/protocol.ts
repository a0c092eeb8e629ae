// What a client and the owner say to each other. Hello, welcome, leave and their framing never change, so that any two
// versions can tell each other apart and the newer one can take over; the rest belongs to PROTOCOL.
import { z } from 'zod';
import type { Config } from '../config.js';
import { Job, MoveProgress } from '../service.js';

/** Raised when a message other than hello, welcome and leave changes in a way that the other side would not understand. */
export const PROTOCOL = 3;

/** While a client waits for an answer or a welcome, the owner says so often that it is alive; milliseconds. */
export const ALIVE_MS = 2000;

const Id = z.int();

export const Greeting = z.object({
  type: z.literal('hello'),
  token: z.string(),
  protocol: z.int(),
  version: z.string(),
});

export const FromClient = z.discriminatedUnion('type', [
  z.object({ type: z.literal('call'), id: Id, method: z.string(), request: z.unknown() }),
  z.object({ type: z.literal('cancel'), id: Id }),
  z.object({ type: z.literal('state') }),
  /** The owner ends, in any case or only when nothing runs. */
  z.object({ type: z.literal('leave'), unless_busy: z.boolean() }),
]);
export type FromClient = z.infer<typeof FromClient>;

const Welcome = z.object({
  type: z.literal('welcome'),
  protocol: z.int(),
  version: z.string(),
  pid: z.int(),
  started_at: z.string(),
  /** Settings that the owner and its clients must agree on, in words. */
  embedder: z.string(),
});
export type Welcome = z.infer<typeof Welcome>;

const State = z.object({
  type: z.literal('state'),
  clients: z.int().describe('Programs connected, without the one that asks'),
  calls: z.int().describe('Requests being answered'),
  jobs: z.int().describe('Indexing jobs that run'),
  memory_mb: z.int(),
  idle_seconds: z.number().describe('How long it stays when nobody is connected and no job runs'),
});
export type State = z.infer<typeof State>;

export const FromOwner = z.discriminatedUnion('type', [
  Welcome,
  State,
  z.object({ type: z.literal('alive') }),
  z.object({ type: z.literal('leaving') }),
  z.object({ type: z.literal('busy'), calls: z.int(), jobs: z.int() }),
  z.object({ type: z.literal('progress'), id: Id, job: Job }),
  z.object({ type: z.literal('moving'), id: Id, progress: MoveProgress }),
  z.object({ type: z.literal('result'), id: Id, answer: z.unknown() }),
  /** `code`: one of EXIT_CODES, null for a bug. */
  z.object({ type: z.literal('error'), id: Id, code: z.string().nullable(), message: z.string() }),
]);
export type FromOwner = z.infer<typeof FromOwner>;
export type Departure = Extract<FromOwner, { type: 'leaving' | 'busy' }>;

/** The embedder's settings in words: equal words mean equal vectors. */
export function embedderSettings(embedder: Config['embedder']): string {
  if (embedder.provider === 'model2vec') return `model2vec ${embedder.directory}`;
  return embedder.provider === 'static' ? 'static' : `ollama ${embedder.model} at ${embedder.baseUrl}`;
}

/** Below zero when `a` is older than `b`; what follows the three numbers does not count. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [numbersOf(a), numbersOf(b)];
  const different = left.findIndex((number, i) => number !== right[i]);
  return different === -1 ? 0 : (left[different] ?? 0) - (right[different] ?? 0);
}

function numbersOf(version: string): readonly number[] {
  const [, ...numbers] = /^(\d+)\.(\d+)\.(\d+)/.exec(version) ?? [];
  return numbers.map(Number);
}
