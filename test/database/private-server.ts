// A PostgreSQL server of one test's own, which may be restarted: the packages that scripts/postgres.sh has unpacked, on a data
// directory and a port of its own.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const BOX = process.env['PGBOX'] ?? join(tmpdir(), 'codebase-mcp-postgres');
const INSTALLED = 'installed-trixie-17';

/** Whether the packages are there; `scripts/postgres.sh start` fetches them. */
export const HAS_POSTGRES = existsSync(join(BOX, INSTALLED));

export interface PrivateServer {
  /** Of the database `postgres`. */
  readonly url: string;
  start(): Promise<void>;
  /** Ends every session at once, as an administrator's restart does. */
  stop(): Promise<void>;
  remove(): Promise<void>;
}

/** A server of its own, or a streaming standby of the server at `primary`. */
export async function startPrivateServer(primary?: string): Promise<PrivateServer> {
  const box = await mkdtemp(join(tmpdir(), 'codebase-mcp-pg-'));
  await mkdir(join(box, 'data'));
  await symlink(join(BOX, 'root'), join(box, 'root'));
  await writeFile(join(box, INSTALLED), '');
  const port = await freePort();
  const script = async (...args: string[]) => {
    await promisify(execFile)('scripts/postgres.sh', args, { env: { ...process.env, PGBOX: box } });
  };
  const server = {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    start: () => (primary === undefined ? script('start', String(port)) : script('standby', primary, String(port))),
    stop: () => script('stop'),
    remove: async () => {
      await script('stop');
      await rm(box, { recursive: true, force: true });
    },
  };
  await promisify(execFile)('chmod', ['755', box]); // the server runs as another user when we are root
  await server.start();
  return server;
}

/** Below the range that the system gives outgoing connections: nobody may get it while the server is down for a moment. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const server = createServer().listen(port, '127.0.0.1');
    const free = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!free) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}
