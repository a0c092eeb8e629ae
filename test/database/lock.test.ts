// One process per data directory: the second is told who holds it, and death by any signal releases it.
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadConfig } from '#src/config.js';
import { openDatabase } from '#src/database/database.js';
import { takeLock } from '#src/database/lock.js';
import { type Holder, startHolder } from './processes.js';

let directory: string;
let holders: Holder[];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'codebase-mcp-lock-'));
  holders = [];
});
afterEach(async () => {
  await Promise.all(holders.map((holder) => holder.kill()));
  await rm(directory, { recursive: true, force: true });
});

function hold(statement?: string): Holder {
  const holder = startHolder(directory, statement);
  holders.push(holder);
  return holder;
}

const open = () => openDatabase(loadConfig({ dataDir: directory }, {}), { holder: 'test' });

test('the second process is told which one holds the index, since when, and what to do', async () => {
  const first = hold();
  expect(await first.said).toBe('open');
  const second = await hold().said;
  const { started_at } = JSON.parse(await readFile(join(directory, 'owner.json'), 'utf8'));
  expect(second).toBe(
    `in_use The index in "${directory}" is in use by process ${first.child.pid} (codebase-mcp mcp, since ${started_at}); wait until it ends or stop it, or set CODEBASE_MCP_DATA_DIR to another directory.`,
  );
});

test('a second opening in the same process is refused too, and closing frees the index', async () => {
  const first = await open();
  await expect(open()).rejects.toMatchObject({ code: 'in_use' });
  await first.close();
  await (await open()).close();
  expect((await readdir(directory)).sort()).toEqual(['database.json', 'pgdata']);
});

test('a killed holder blocks nobody, and what it had committed is there', async () => {
  const holder = hold("INSERT INTO repositories (project_id, path, name) VALUES ('default', '/r', 'r')");
  expect(await holder.said).toBe('done');
  await holder.kill();
  const { allProjects, close } = await open();
  expect(await allProjects.selectFrom('repositories').select('path').execute()).toEqual([{ path: '/r' }]);
  await close();
});

test('of many that start at once exactly one wins', async () => {
  const answers = await Promise.all(Array.from({ length: 6 }, () => hold().said));
  expect(answers.filter((answer) => answer === 'open')).toHaveLength(1);
  expect(answers.filter((answer) => answer.startsWith('in_use'))).toHaveLength(5);
});

test('the first start killed at any moment leaves a directory that opens', async () => {
  for (const delay of [200, 350, 600]) {
    const holder = hold();
    await new Promise((resolve) => setTimeout(resolve, delay));
    await holder.kill();
    await (await open()).close();
    await rm(join(directory, 'pgdata'), { recursive: true });
  }
});

test('a path longer than a socket address can be is locked all the same', async () => {
  const deep = join(directory, 'd'.repeat(100), 'd'.repeat(100));
  await mkdir(deep, { recursive: true });
  if (process.platform !== 'linux') {
    await expect(takeLock(deep, 'test')).rejects.toMatchObject({ code: 'data_directory' });
    return;
  }
  const lock = await takeLock(deep, 'first');
  await expect(takeLock(deep, 'second')).rejects.toThrow('(first, since');
  await lock.release();
  await (await takeLock(deep, 'third')).release();
});

test('a holder that ends leaves the file of the one that has its directory now', async () => {
  const first = await takeLock(directory, 'first');
  await rm(directory, { recursive: true });
  await mkdir(directory);
  const second = await takeLock(directory, 'second');
  await first.release();
  await expect(takeLock(directory, 'third')).rejects.toThrow('(second, since');
  await second.release();
});

test('a lock that cannot be written down is not held', async () => {
  await mkdir(join(directory, 'owner.json', 'in the way'), { recursive: true });
  await expect(takeLock(directory, 'first')).rejects.toMatchObject({ code: 'EISDIR' });
  await rm(join(directory, 'owner.json'), { recursive: true });
  await (await takeLock(directory, 'second')).release();
});

test.runIf(process.platform === 'linux')('a holder whose socket was removed is still there', async () => {
  const holder = hold();
  expect(await holder.said).toBe('open');
  await rm(join(directory, 'owner.1.sock'));
  await expect(takeLock(directory, 'second')).rejects.toThrow(
    `in use by process ${holder.child.pid} (codebase-mcp mcp`,
  );
  await holder.kill();
  await (await takeLock(directory, 'third')).release();
});

test('among takers that come and go there is never a second holder', async () => {
  let held = 0;
  let taken = 0;
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let round = 0; round < 30; round++) {
        const lock = await takeLock(directory, 'test').catch((error) => {
          expect(error).toMatchObject({ code: 'in_use' });
          return null;
        });
        if (!lock) continue;
        taken += 1;
        held += 1;
        expect(held).toBe(1);
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 5));
        held -= 1;
        await lock.release();
      }
    }),
  );
  expect(taken).toBeGreaterThan(0);
});
