// Where the sockets that lock a data directory are: numbered files in it, or one named pipe on Windows.
import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CodebaseError } from '../errors.js';

const SOCKET = /^owner\.(\d+)\.sock$/;
/** The address of a Unix socket, with its closing zero, has to fit in 104 bytes on macOS and 108 on Linux. */
const MAX_SOCKET_PATH = 103;

export interface SocketPlace {
  /** Where an address vanishes with its process (Windows pipes) there is one for all, and no numbers. */
  readonly onlyName: string | null;
  /** Names of the sockets there, highest number first. */
  names(): Promise<readonly string[]>;
  address(name: string): string;
  remove(name: string): Promise<void>;
  close(): Promise<void>;
}

/** Number of a socket by its name; 0 for none. */
export function numberOf(name: string | undefined): number {
  return Number(SOCKET.exec(name ?? '')?.[1] ?? 0);
}

/** `directory` must exist. The place is to be closed. */
export async function socketPlace(directory: string): Promise<SocketPlace> {
  if (process.platform === 'win32') return pipePlace(directory);
  const short = await shortPath(directory);
  const address = (name: string) => join(short.path, name);
  if (Buffer.byteLength(address('owner.999999.sock')) > MAX_SOCKET_PATH) {
    await short.close();
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
