// One process per data directory: a bound local socket, which the kernel releases however the process dies, beside a
// readable file that says who it is. Each holder binds a socket with a number of its own (owner.<n>.sock), so a dead
// socket is never taken over by removing a file that a live process may just have bound.
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { CodebaseError } from '../errors.js';
import { VERSION } from '../version.js';
import { holderOf, inUse, removeHolder, writeHolder } from './holder.js';
import { numberOf, type SocketPlace, socketPlace } from './lock-place.js';

export interface Lock {
  /** Cuts the connections of clients that are left. */
  release(): Promise<void>;
}

/** A holder that serves others: connections arrive as soon as the lock is taken, before `takeLock` resolves. */
export interface Clients {
  /** What a client has to know; it is in owner.json, which only this account can read. */
  readonly token: string;
  readonly accept: (socket: Socket) => void;
}

/**
 * Takes the lock of `directory`, which must exist, or throws `in_use` naming the process that holds it.
 * `command` is what whoever comes second is shown. Without `clients` a connection is closed at once.
 */
export async function takeLock(directory: string, command: string, clients: Clients | null = null): Promise<Lock> {
  const place = await socketPlace(directory);
  try {
    const { server, name } = await elect(directory, place, clients);
    await writeHolder(directory, {
      pid: process.pid,
      command,
      started_at: new Date().toISOString(),
      version: VERSION,
      socket: name,
      token: clients?.token ?? null,
    });
    return {
      async release() {
        await removeHolder(directory);
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
    const name = `owner.${numberOf(present[0]) + 1}.sock`;
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
