// owner.json: which process holds a data directory, for people, for error sentences, and with the token that its clients
// show; and the way to that process.
import { readFileSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CodebaseError } from '../errors.js';
import { socketPlace } from './lock-place.js';
import { describeDatabaseError } from './sqlstates.js';

export interface Holder {
  readonly pid: number;
  readonly command: string;
  readonly started_at: string;
  readonly version: string;
  readonly socket: string;
  /** Only this account can read the file, so whoever knows the token is this account; null when it takes no clients. */
  readonly token: string | null;
}

const FILE = 'owner.json';

export async function writeHolder(directory: string, holder: Holder): Promise<void> {
  const file = join(directory, FILE);
  const draft = `${file}.${process.pid}`;
  try {
    await writeFile(draft, `${JSON.stringify(holder, null, 2)}\n`, { mode: 0o600 });
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw describeDatabaseError(error, `"${directory}"`) ?? error;
  }
}

/** Leaves the file of another holder, whose directory has taken the place of this one's. */
export async function removeHolder(directory: string, holder: Holder): Promise<void> {
  if (readHolder(directory)?.started_at === holder.started_at) await rm(join(directory, FILE), { force: true });
}

/** The live holder writes its file just after it has bound its socket: wait a moment for it. */
export async function holderOf(directory: string, socket: string): Promise<Holder | null> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const holder = readHolder(directory);
    if (holder?.socket === socket) return holder;
    await sleep(25);
  }
  return null;
}

export function readHolder(directory: string): Holder | null {
  try {
    return JSON.parse(readFileSync(join(directory, FILE), 'utf8')) as Holder;
  } catch {
    return null;
  }
}

export function inUse(directory: string, holder: Holder | null): CodebaseError {
  return new CodebaseError(
    'in_use',
    `The index in "${directory}" is in use by ${nameOf(holder)}; wait until it ends or stop it, or set CODEBASE_MCP_DATA_DIR to another directory.`,
  );
}

function nameOf(holder: Holder | null): string {
  return holder ? `process ${holder.pid} (${holder.command}, since ${holder.started_at})` : 'another process';
}

/** The process that holds a directory is there and says nothing: suspended, or stuck. */
export class Unresponsive extends CodebaseError {
  readonly holder: Holder | null;

  constructor(directory: string, holder: Holder | null) {
    const next = holder?.token === null ? 'let it go on or end it' : 'end it with codebase-mcp owner stop';
    super(
      'timeout',
      `The index in "${directory}" is held by ${nameOf(holder)}, which does not answer, as if suspended or stuck; ${next}, then run this again: what was stored is kept.`,
    );
    this.holder = holder;
  }
}

export interface HolderConnection {
  readonly socket: Socket;
  /** Null when its file did not appear. */
  readonly holder: Holder | null;
}

/**
 * A connection to the process that holds the directory; null when none does, or when the directory cannot be looked into.
 * Throws `Unresponsive` when that process has taken no connection for so long that no more fit.
 */
export async function connectToHolder(directory: string): Promise<HolderConnection | null> {
  const place = await socketPlace(directory).catch(() => null);
  if (place === null) return null;
  try {
    const names = place.onlyName === null ? await place.names() : [place.onlyName];
    for (const name of names) {
      const socket = await connected(place.address(name));
      if (socket === 'full') throw new Unresponsive(directory, readHolder(directory));
      if (socket !== null) return { socket, holder: await holderOf(directory, name) };
    }
    return null;
  } catch (error) {
    if (error instanceof Unresponsive) throw error;
    return null;
  } finally {
    await place.close();
  }
}

function connected(address: string): Promise<Socket | 'full' | null> {
  return new Promise((resolve) => {
    const socket = connect(address);
    socket.once('connect', () => resolve(socket));
    // A later error ends the socket, which its reader sees.
    socket.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'EAGAIN' ? 'full' : null));
  });
}
