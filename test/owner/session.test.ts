// One client and the owner's side of its connection, over a real socket.
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Unresponsive } from '#src/database/holder.js';
import { CodebaseError } from '#src/errors.js';
import { ConnectionLost, OwnerConnection } from '#src/owner/connection.js';
import { encode } from '#src/owner/framing.js';
import { ALIVE_MS, PROTOCOL, type Welcome } from '#src/owner/protocol.js';
import { type Host, Session } from '#src/owner/session.js';
import type { Codebase } from '#src/service.js';
import { until } from './processes.js';

const WELCOME: Welcome = {
  type: 'welcome',
  protocol: PROTOCOL,
  version: '0.1.0',
  pid: 1,
  started_at: '',
  embedder: 'static',
};
const PROJECT = { id: 'p', repositories: 1, files: 2, chunks: 3 };

let directory: string;
let server: Server;
let ended: number;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'codebase-mcp-session-'));
  ended = 0;
});
afterEach(async () => {
  server.close();
  await rm(directory, { recursive: true, force: true });
});

/** Serves a codebase that does what the test says, and connects to it. */
async function serve(codebase: Partial<Codebase>): Promise<Socket> {
  const host: Host = {
    token: 'secret',
    codebase: Promise.resolve(codebase as Codebase),
    welcome: WELCOME,
    bug: async () => 'A bug.',
    state: () => Promise.reject(new Error('not asked')),
    leave: async () => ({ type: 'leaving' }),
  };
  server = createServer((socket) => {
    socket.on('error', () => {});
    void new Session(socket, host).serve(() => {}).then(() => ended++);
  });
  server.listen(join(directory, 's'));
  await once(server, 'listening');
  const socket = connect(join(directory, 's'));
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

const HOLDER = {
  pid: 1,
  command: 'codebase-mcp owner',
  started_at: 'today',
  version: '0',
  socket: 's',
  token: 'secret',
};

async function greeted(codebase: Partial<Codebase>, silenceMs?: number): Promise<OwnerConnection> {
  const found = { socket: await serve(codebase), holder: HOLDER };
  const connection = await OwnerConnection.greet(found, directory, silenceMs);
  if (connection === null) throw new Error('not welcomed');
  return connection;
}

const untilAborted = (signal: AbortSignal | undefined) =>
  new Promise<never>((_, reject) =>
    signal?.addEventListener('abort', () => reject(new CodebaseError('cancelled', 'Stopped.'))),
  );

test('answers find their calls, errors keep code and sentence, a bug is one sentence', async () => {
  const connection = await greeted({
    projects: async () => [PROJECT],
    job: async (id) => {
      throw id === 'bug' ? new Error('stack and all') : new CodebaseError('not_found', `There is no job ${id}.`);
    },
  });
  const answers = await Promise.allSettled([
    connection.call('job', { job_id: '7' }, {}),
    connection.call('projects', {}, {}),
    connection.call('job', { job_id: 'bug' }, {}),
  ]);
  expect(answers).toMatchObject([
    { reason: { name: 'CodebaseError', code: 'not_found', message: 'There is no job 7.' } },
    { value: [PROJECT] },
    { reason: { name: 'Error', message: 'A bug.' } },
  ]);
  await connection.close();
});

test('an answer that is not what it must be does not reach the client as one', async () => {
  const connection = await greeted({ projects: async () => [{ ...PROJECT, files: 'many' } as never] });
  await expect(connection.call('projects', {}, {})).rejects.toThrow('A bug.');
  await connection.close();
});

test('cancelling travels, and a client that goes away ends its search', async () => {
  const connection = await greeted({ search: (_, options) => untilAborted(options?.signal) });
  const abort = new AbortController();
  const cancelled = connection.call('search', { query: 'x' }, { signal: abort.signal });
  const abandoned = connection.call('search', { query: 'y' }, {});
  const outcome = Promise.allSettled([cancelled, abandoned]);
  abort.abort();
  await expect(cancelled).rejects.toThrow('Stopped.');
  await connection.close();
  expect(await outcome).toMatchObject([{ status: 'rejected' }, { reason: expect.any(ConnectionLost) }]);
  await until(() => ended === 1);
});

test('an answer that takes long is waited for as long as the owner says that it is alive', async () => {
  const connection = await greeted({ projects: () => sleep(2 * ALIVE_MS, [PROJECT]) }, 1.5 * ALIVE_MS);
  expect(await connection.call('projects', {}, {})).toEqual([PROJECT]);
  await connection.close();
});

test('an owner that says nothing any more is not waited for: one sentence with the next step', async () => {
  server = createServer((socket) => void socket.resume());
  server.listen(join(directory, 's'));
  await once(server, 'listening');
  const socket = connect(join(directory, 's'));
  await once(socket, 'connect');
  const greeting = OwnerConnection.greet({ socket, holder: HOLDER }, directory, 100);
  await expect(greeting).rejects.toThrow(Unresponsive);
  await expect(greeting).rejects.toThrow(
    `The index in "${directory}" is held by process 1 (codebase-mcp owner, since today), which does not answer, as if suspended or stuck; end it with codebase-mcp owner stop, then run this again: what was stored is kept.`,
  );
});

test('a client that asks without reading is not read any further, and costs nothing when it goes away', async () => {
  let asked = 0;
  const large = Array.from({ length: 20_000 }, (_, i) => ({ ...PROJECT, id: `project-${i}` }));
  const socket = await serve({
    projects: async () => {
      asked++;
      return large;
    },
  });
  socket.pause();
  socket.write(encode({ type: 'hello', token: 'secret', protocol: PROTOCOL, version: '0' }));
  for (let id = 0; id < 500; id++) socket.write(encode({ type: 'call', id, method: 'projects', request: {} }));
  await until(() => asked > 0);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(asked).toBeLessThan(100);
  socket.destroy();
  await until(() => ended === 1);
});
