// One process per data directory: a bound local socket, which the kernel releases however the process dies, beside a
// readable file that says who it is. Each holder binds a socket with a number of its own (owner.<n>.sock), so a dead
// socket is never taken over by removing a file that a live process may just have bound.
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { CodebaseError } from '../errors.js';
import { VERSION } from '../version.js';
import { type Holder, holderOf, inUse, readHolder, removeHolder, writeHolder } from './holder.js';
import { numberOf, type SocketPlace, socketPlace } from './lock-place.js';
import { holderWithoutSocket, LockWatch } from './lock-watch.js';

export interface Lock {
  /** Cuts the connections of clients that are left. */
  release(): Promise<void>;
}

/** A holder that serves others: connections arrive as soon as the lock is taken, before `takeLock` resolves. */
export interface Clients {
  /** What a client has to know; it is in owner.json, which only this account can read. */
  readonly token: string;
  readonly accept: (socket: Socket) => void;
  /** The socket was removed: another process may take the directory at any moment, and nothing may be written any more. */
  readonly lost: () => void;
}

/**
 * Takes the lock of `directory`, which must exist, or throws `in_use` naming the process that holds it.
 * `command` is what whoever comes second is shown. Without `clients` a connection is closed at once.
 */
export async function takeLock(directory: string, command: string, clients: Clients | null = null): Promise<Lock> {
  const place = await socketPlace(directory);
  try {
    const { server, name } = await elect(directory, place, clients);
    const holder: Holder = {
      pid: process.pid,
      command,
      started_at: new Date().toISOString(),
      version: VERSION,
      socket: name,
      token: clients?.token ?? null,
    };
    await writeHolder(directory, holder).catch(async (error: unknown) => {
      await server.end();
      throw error;
    });
    const watch = place.onlyName === null ? new LockWatch(directory, holder, clients?.lost ?? (() => {})) : null;
    return {
      async release() {
        watch?.close();
        await removeHolder(directory, holder);
        await server.end();
        await place.close();
      },
    };
  } catch (error) {
    await place.close();
    throw error;
  }
}

async function elect(
  directory: string,
  place: SocketPlace,
  clients: Clients | null,
): Promise<{ server: Bound; name: string }> {
  if (place.onlyName !== null) {
    const server = await bind(place.address(place.onlyName), directory, clients);
    if (!server) throw inUse(directory, await holderOf(directory, place.onlyName));
    return { server, name: place.onlyName };
  }
  for (;;) {
    const present = await place.names();
    await refuseIfAlive(directory, place, present);
    // Whoever lost its socket would take one of the same name with it when it ends.
    const name = `owner.${Math.max(numberOf(present[0]), numberOf(readHolder(directory)?.socket)) + 1}.sock`;
    const server = await bind(place.address(name), directory, clients);
    if (!server) continue;
    // Whoever thought us dead between bind and listen has bound a socket that is visible now, and the other way round.
    const others = (await place.names()).filter((other) => other !== name);
    if ((await firstAlive(place, others)) === null && numberOf(others[0]) < numberOf(name)) {
      await Promise.all(others.map((other) => place.remove(other)));
      return { server, name };
    }
    await server.end();
    await sleep(Math.random() * 50);
  }
}

async function refuseIfAlive(directory: string, place: SocketPlace, names: readonly string[]): Promise<void> {
  const alive = await firstAlive(place, names);
  if (alive !== null) throw inUse(directory, await holderOf(directory, alive));
  const holder = await holderWithoutSocket(directory);
  if (holder !== null) throw inUse(directory, holder);
}

async function firstAlive(place: SocketPlace, names: readonly string[]): Promise<string | null> {
  for (const name of names) if (await isAlive(place.address(name))) return name;
  return null;
}

/** Only a refused connection or a vanished file proves death; anything else counts as a live process. */
function isAlive(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address);
    const finish = (alive: boolean) => {
      socket.destroy();
      resolve(alive);
    };
    socket.once('connect', () => finish(true));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      finish(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT'),
    );
  });
}

/** A server that is listening. */
interface Bound {
  /** Closes it and every connection. */
  end(): Promise<void>;
}

/** Null when another process has bound the same address first. */
function bind(address: string, directory: string, clients: Clients | null): Promise<Bound | null> {
  const sockets = new Set<Socket>();
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on('error', () => {}); // a client that vanishes
      if (clients === null) return socket.destroy();
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      return clients.accept(socket);
    });
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(null);
      else reject(cannotLock(directory, error));
    });
    listenPrivately(server, address, () => {
      server.unref();
      resolve({
        end: () => {
          const closed = new Promise<void>((done) => server.close(() => done()));
          for (const socket of sockets) socket.destroy();
          return closed;
        },
      });
    });
  });
}

/** The socket file is for this account only from the moment it exists; binding happens before `listen` returns. */
function listenPrivately(server: Server, address: string, listening: () => void): void {
  const before = process.umask(0o177);
  try {
    server.listen(address, listening);
  } finally {
    process.umask(before);
  }
}

function cannotLock(directory: string, error: NodeJS.ErrnoException): CodebaseError {
  return new CodebaseError(
    'data_directory',
    `The data directory "${directory}" cannot be locked (${error.code}): its file system has no local sockets; set CODEBASE_MCP_DATA_DIR to a directory on a local disk.`,
    { cause: error },
  );
}
