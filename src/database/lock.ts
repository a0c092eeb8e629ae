// One process per data directory: a bound local socket, which the kernel releases however the process dies, beside a
// readable file that says who it is. Each holder binds a socket with a number of its own (owner.<n>.sock), so a dead
// socket is never taken over by removing a file that a live process may just have bound.
import { createHash } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CodebaseError } from '../errors.js';
import { VERSION } from '../version.js';

export interface Lock {
  release(): Promise<void>;
}

interface Owner {
  readonly pid: number;
  readonly command: string;
  readonly started_at: string;
  readonly version: string;
  readonly socket: string;
}

const OWNER_FILE = 'owner.json';
const SOCKET = /^owner\.(\d+)\.sock$/;
/** The address of a Unix socket, with its closing zero, has to fit in 104 bytes on macOS and 108 on Linux. */
const MAX_SOCKET_PATH = 103;

/**
 * Takes the lock of `directory`, which must exist, or throws `in_use` naming the process that holds it.
 * `holder` is the command shown to whoever comes second.
 */
export async function takeLock(directory: string, holder: string): Promise<Lock> {
  const place = await socketPlace(directory);
  try {
    const { server, name } = await elect(directory, place);
    await writeOwner(directory, {
      pid: process.pid,
      command: holder,
      started_at: new Date().toISOString(),
      version: VERSION,
      socket: name,
    });
    return {
      async release() {
        await rm(join(directory, OWNER_FILE), { force: true });
        await closed(server);
        await place.close();
      },
    };
  } catch (error) {
    await place.close();
    throw error;
  }
}

interface SocketPlace {
  /** Where an address vanishes with its process (Windows pipes) there is one for all, and no numbers. */
  readonly onlyName: string | null;
  /** Names of the sockets there, highest number first. */
  names(): Promise<readonly string[]>;
  address(name: string): string;
  remove(name: string): Promise<void>;
  close(): Promise<void>;
}

async function elect(directory: string, place: SocketPlace): Promise<{ server: Server; name: string }> {
  if (place.onlyName !== null) {
    const server = await bind(place.address(place.onlyName), directory);
    if (!server) throw inUse(directory, await ownerOf(directory, place.onlyName));
    return { server, name: place.onlyName };
  }
  for (;;) {
    const present = await place.names();
    await refuseIfAlive(directory, place, present);
    const name = `owner.${numberOf(present[0]) + 1}.sock`;
    const server = await bind(place.address(name), directory);
    if (!server) continue;
    // Whoever thought us dead between bind and listen has bound a socket that is visible now, and the other way round.
    const others = (await place.names()).filter((other) => other !== name);
    if ((await firstAlive(place, others)) === null && numberOf(others[0]) < numberOf(name)) {
      await Promise.all(others.map((other) => place.remove(other)));
      return { server, name };
    }
    await closed(server);
    await sleep(Math.random() * 50);
  }
}

async function refuseIfAlive(directory: string, place: SocketPlace, names: readonly string[]): Promise<void> {
  const alive = await firstAlive(place, names);
  if (alive !== null) throw inUse(directory, await ownerOf(directory, alive));
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

/** Null when another process has bound the same address first. */
function bind(address: string, directory: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(null);
      else reject(cannotLock(directory, error));
    });
    server.listen(address, () => resolve(server.unref()));
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

function numberOf(name: string | undefined): number {
  return Number(SOCKET.exec(name ?? '')?.[1] ?? 0);
}

async function socketPlace(directory: string): Promise<SocketPlace> {
  if (process.platform === 'win32') return pipePlace(directory);
  const short = await shortPath(directory);
  const address = (name: string) => join(short.path, name);
  if (Buffer.byteLength(address('owner.999999.sock')) > MAX_SOCKET_PATH) {
    throw new CodebaseError(
      'data_directory',
      `The data directory "${directory}" has a path of ${Buffer.byteLength(directory)} bytes, too long for the socket that locks it; set CODEBASE_MCP_DATA_DIR to a shorter path.`,
    );
  }
  return {
    onlyName: null,
    async names() {
      const names = (await readdir(directory)).filter((name) => SOCKET.test(name));
      return names.sort((a, b) => numberOf(b) - numberOf(a));
    },
    address,
    remove: (name) => rm(join(directory, name), { force: true }),
    close: short.close,
  };
}

/** On Linux a long path is reached through an open descriptor of the directory, whose own path is short. */
async function shortPath(directory: string): Promise<{ path: string; close: () => Promise<void> }> {
  if (process.platform !== 'linux') return { path: directory, close: async () => {} };
  const handle = await open(directory);
  return { path: `/proc/self/fd/${handle.fd}`, close: () => handle.close() };
}

function pipePlace(directory: string): SocketPlace {
  const id = createHash('sha256').update(realpathSync.native(directory).toLowerCase()).digest('hex').slice(0, 32);
  return {
    onlyName: `codebase-mcp-${id}`,
    names: async () => [],
    address: (name) => `\\\\.\\pipe\\${name}`,
    remove: async () => {},
    close: async () => {},
  };
}

async function writeOwner(directory: string, owner: Owner): Promise<void> {
  const file = join(directory, OWNER_FILE);
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(owner, null, 2)}\n`, { mode: 0o600 });
  await rename(draft, file);
}

/** The live owner writes its file just after it has bound its socket: wait a moment for it. */
async function ownerOf(directory: string, socket: string): Promise<Owner | null> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const owner = readOwner(directory);
    if (owner?.socket === socket) return owner;
    await sleep(25);
  }
  return null;
}

function readOwner(directory: string): Owner | null {
  try {
    return JSON.parse(readFileSync(join(directory, OWNER_FILE), 'utf8')) as Owner;
  } catch {
    return null;
  }
}

function inUse(directory: string, owner: Owner | null): CodebaseError {
  const who = owner ? `process ${owner.pid} (${owner.command}, since ${owner.started_at})` : 'another process';
  return new CodebaseError(
    'in_use',
    `The index in "${directory}" is in use by ${who}; wait until it ends or stop it, or set CODEBASE_MCP_DATA_DIR to another directory.`,
  );
}

function cannotLock(directory: string, error: NodeJS.ErrnoException): CodebaseError {
  return new CodebaseError(
    'data_directory',
    `The data directory "${directory}" cannot be locked (${error.code}): its file system has no local sockets; set CODEBASE_MCP_DATA_DIR to a directory on a local disk.`,
    { cause: error },
  );
}
