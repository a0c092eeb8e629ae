// Looking at the owner and ending it, for `codebase-mcp owner` and for the commands that need the database to themselves.
import { setTimeout as sleep } from 'node:timers/promises';
import { connectToHolder, Unresponsive } from '../database/holder.js';
import { CodebaseError } from '../errors.js';
import { OwnerConnection } from './connection.js';
import type { State, Welcome } from './protocol.js';
import { sendAway } from './reach.js';
import { killStuckOwner } from './stuck.js';

const RETRY_MS = 50;
/** How long an owner that is to end may say nothing, or keep the directory after its last word. */
const STOP_LIMIT_MS = 10_000;

export type OwnerStatus = Omit<Welcome, 'type' | 'protocol'> & Omit<State, 'type'>;

/** Null when there is none. */
export async function ownerStatus(directory: string): Promise<OwnerStatus | null> {
  const connection = await connectToOwner(directory);
  if (connection === null) return null;
  try {
    const { type: _, protocol: __, ...welcome } = connection.welcome;
    const { type: ___, ...state } = await connection.state();
    return { ...welcome, ...state };
  } finally {
    await connection.close();
  }
}

export interface StoppedOwner {
  readonly pid: number;
  /** It did not answer and was killed. */
  readonly killed: boolean;
}

/** Ends the owner, one that is stuck by force, and waits until the directory is free; null when there was none. */
export async function stopOwner(directory: string): Promise<StoppedOwner | null> {
  try {
    const connection = await connectToOwner(directory, STOP_LIMIT_MS);
    if (connection === null) return null;
    const { pid } = connection.welcome;
    await sendAway(connection, { unlessBusy: false });
    await untilFree(directory, pid);
    return { pid, killed: false };
  } catch (error) {
    if (!(error instanceof Unresponsive)) throw error;
    const pid = await killStuckOwner(error);
    await untilFree(directory, pid);
    return { pid, killed: true };
  }
}

/** Frees the directory for a command that needs it to itself; throws `in_use` when the owner is at work. */
export async function sendIdleOwnerAway(directory: string): Promise<void> {
  const connection = await connectToOwner(directory);
  if (connection === null) return;
  const { pid } = connection.welcome;
  const busy = await sendAway(connection, { unlessBusy: true });
  if (busy === null) return await untilFree(directory, pid);
  await connection.close();
  throw new CodebaseError(
    'in_use',
    `The index in "${directory}" is at work (process ${pid}: ${busy}); wait until it is done, or run codebase-mcp owner stop, then run this again.`,
  );
}

async function connectToOwner(directory: string, silenceMs?: number): Promise<OwnerConnection | null> {
  const found = await connectToHolder(directory);
  return found && (await OwnerConnection.greet(found, directory, silenceMs));
}

/** The lock is let go after the connections: when the database is closed. */
async function untilFree(directory: string, pid: number): Promise<void> {
  for (const deadline = performance.now() + STOP_LIMIT_MS; ; await sleep(RETRY_MS)) {
    const found = await connectToHolder(directory);
    found?.socket.destroy();
    if (found === null || (found.holder !== null && found.holder.pid !== pid)) return;
    if (performance.now() > deadline) throw new Unresponsive(directory, found.holder);
  }
}
