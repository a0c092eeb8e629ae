// Owners of other versions and with other settings: who gives way, and what is said. The other owner is this process, with
// the real lock and sessions; the one that takes over is a real process.
import { mkdtemp, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Config, loadConfig } from '#src/config.js';
import { connectToHolder } from '#src/database/holder.js';
import { takeLock } from '#src/database/lock.js';
import type { CodebaseError } from '#src/errors.js';
import { connectCodebase } from '#src/owner/connect.js';
import { OwnerConnection } from '#src/owner/connection.js';
import { stopOwner } from '#src/owner/control.js';
import { compareVersions, PROTOCOL, type Welcome } from '#src/owner/protocol.js';
import { type Host, Session } from '#src/owner/session.js';
import type { Codebase } from '#src/service.js';
import { VERSION } from '#src/version.js';

let config: Config;
let asked: { unlessBusy: boolean }[];
let release: () => Promise<void>;
beforeEach(async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'codebase-mcp-versions-'));
  config = loadConfig(
    { dataDir },
    { CODEBASE_MCP_LOG_FILE: join(dataDir, '..', 'versions.log'), CODEBASE_MCP_OWNER_IDLE_SECONDS: '5' },
  );
  asked = [];
  release = async () => {};
});
afterEach(async () => {
  await release();
  await stopOwner(config.dataDirectory);
  await rm(config.dataDirectory, { recursive: true, force: true });
});

/** Holds the data directory as an owner that differs in `welcome`. */
async function holdAs(welcome: Partial<Welcome>, busy = false): Promise<void> {
  const host: Host = {
    token: 'secret',
    codebase: Promise.resolve({
      projects: async () => [{ id: 'held', repositories: 0, files: 0, chunks: 0 }],
    } as never),
    welcome: {
      type: 'welcome',
      protocol: PROTOCOL,
      version: VERSION,
      pid: process.pid,
      started_at: new Date().toISOString(),
      embedder: 'static',
      ...welcome,
    },
    bug: async (error) => String(error),
    state: async () => {
      throw new Error('nobody asks');
    },
    leave: async (options) => {
      asked.push(options);
      if (busy && options.unlessBusy) return { type: 'busy', calls: 2, jobs: 1 };
      setTimeout(() => void release(), 50);
      return { type: 'leaving' };
    },
  };
  const accept = (socket: Socket) => void new Session(socket, host).serve(() => {});
  const lock = await takeLock(config.dataDirectory, 'codebase-mcp owner', {
    token: host.token,
    accept,
    lost: () => {},
  });
  release = async () => {
    release = async () => {};
    await lock.release();
  };
}

/** Ids of the projects, by whoever answers. */
async function projects(): Promise<readonly string[]> {
  const codebase: Codebase = await connectCodebase(config, { holder: 'test' });
  try {
    return (await codebase.projects()).map(({ id }) => id);
  } finally {
    await codebase.close();
  }
}

const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => 'nothing',
    (error: CodebaseError) => `${error.code} ${error.message}`,
  );

test('an owner of the same version serves', async () => {
  await holdAs({});
  expect(await projects()).toEqual(['held']);
  expect(asked).toEqual([]);
});

test('an older owner hands over to a new one of this version', async () => {
  await holdAs({ version: '0.0.9', protocol: PROTOCOL - 1 });
  expect(await projects()).toEqual([]);
  expect(asked).toEqual([{ unlessBusy: false }]);
});

test('an owner that takes its time to leave is waited for', async () => {
  const hangUp = (socket: Socket) => void socket.destroy();
  const lock = await takeLock(config.dataDirectory, 'codebase-mcp owner', { token: 't', accept: hangUp, lost() {} });
  setTimeout(() => void lock.release(), 12_000); // longer than a command that serves nobody is waited for
  expect(await projects()).toEqual([]);
});

test('a newer owner that still speaks this protocol serves', async () => {
  await holdAs({ version: '99.0.0' });
  expect(await projects()).toEqual(['held']);
});

test('a newer owner of another protocol: what to do', async () => {
  await holdAs({ version: '99.0.0', protocol: PROTOCOL + 1 });
  expect(await refusal(projects())).toBe(
    `in_use The index in "${config.dataDirectory}" is held by codebase-mcp 99.0.0 (process ${process.pid}), which this version ${VERSION} cannot talk to; update this program to 99.0.0, or end the newer programs and run codebase-mcp owner stop.`,
  );
});

test('an owner with another embedder gives way when nothing runs, otherwise it is named', async () => {
  const embedder = 'ollama nomic-embed-text at http://127.0.0.1:11434';
  await holdAs({ embedder }, true);
  expect(await refusal(projects())).toBe(
    `in_use The index in "${config.dataDirectory}" is at work with the embedder ${embedder} (process ${process.pid}), and static was asked for; wait until it is done, or use the same embedder.`,
  );
  await release();
  await holdAs({ embedder });
  expect(await projects()).toEqual([]);
  expect(asked).toEqual([{ unlessBusy: true }, { unlessBusy: true }]);
});

test('who does not know the token is not answered', async () => {
  await holdAs({});
  for (const token of ['', 'wrong', 'secret!']) {
    const found = await connectToHolder(config.dataDirectory);
    expect(found?.holder?.token).toBe('secret');
    const told = found?.holder && { ...found, holder: { ...found.holder, token } };
    expect(told && (await OwnerConnection.greet(told, config.dataDirectory))).toBeNull();
  }
});

test('garbage and a request that does not exist harm nobody', async () => {
  await holdAs({});
  const stranger = await connectToHolder(config.dataDirectory);
  stranger?.socket.write('GET / HTTP/1.1\r\n\r\n');
  await new Promise((resolve) => stranger?.socket.once('close', resolve).resume());
  const found = await connectToHolder(config.dataDirectory);
  const connection = found && (await OwnerConnection.greet(found, config.dataDirectory));
  await expect(connection?.call('status', { path: 7 } as never, {})).rejects.toThrow();
  expect(await connection?.call('projects', {}, {})).toHaveLength(1);
  await connection?.close();
});

test('versions by their three numbers', () => {
  expect(compareVersions('0.2.0', '0.10.0')).toBeLessThan(0);
  expect(compareVersions('1.0.0', '0.99.99')).toBeGreaterThan(0);
  expect(compareVersions('1.2.3', '1.2.3-rc.1')).toBe(0);
});
