// Whatever goes wrong on the way from 005 to 002, the database is at 005, complete, and the next run succeeds.
import { chown, open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { sql, type Transaction } from 'kysely';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Connection } from '#src/database/database.js';
import { CodebaseError } from '#src/errors.js';
import { backupFile, writeTablesBackup } from '#src/migrations/backup.js';
import { downgrade, type StepReport, upgrade } from '#src/migrations/runner.js';
import { AFTER, alone, BEFORE, completeAt } from './complete.js';
import { SERVER } from './engines.js';
import { administer, type RealDatabase, type RealEngine, type Seeded, seeded, smallDisk } from './real-databases.js';

// Restarting the embedded engine takes a second or two of processor time, and there may be little of it.
vi.setConfig({ testTimeout: 600_000 });

const UP = { target: '002', archive: 'discard' } as const;

const workers: Worker[] = [];
process.on('worker', (worker) => workers.push(worker));

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'succeeded',
    (error: Error) => (error instanceof CodebaseError ? error.code : error.message),
  );

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Does `fault` where step `number` begins. */
const atStep =
  (number: number, fault: () => unknown) =>
  async (step: StepReport): Promise<void> => {
    if (step.number === number && step.phase === 'start') await fault();
  };

function faults(engine: RealEngine): void {
  let original: Seeded;
  beforeAll(async () => {
    original = await seeded(engine);
  });
  afterAll(() => original.remove());

  const inCopy = async (body: (connection: Connection, database: RealDatabase) => Promise<void>): Promise<void> => {
    const database = await original.copy();
    const connection = await database.open();
    try {
      await body(connection, database);
    } finally {
      await connection.close();
      await database.remove();
    }
  };
  const completed = ({ db }: Connection): Promise<string> => completeAt(db, original.before);

  it('an error after any step of 002, up or down, leaves everything as it was', () =>
    inCopy(async (connection) => {
      const { db } = connection;
      const after = (number: number) => (step: StepReport) => {
        if (step.number === number && step.phase === 'end') throw new Error(`injected after ${number}`);
      };
      for (let step = 1; step <= 9; step++) {
        expect(await codeOf(upgrade(db, { ...UP, onStep: after(step) }))).toBe(`injected after ${step}`);
        expect(await completed(connection)).toBe(BEFORE);
      }
      const { steps } = await upgrade(db, UP);
      expect(steps).toHaveLength(9);
      expect(await completed(connection)).toBe(AFTER);
      for (let step = 1; step <= 6; step++) {
        expect(await codeOf(downgrade(db, { target: '005', onStep: after(step) }))).toBe(`injected after ${step}`);
        expect(await completed(connection)).toBe(AFTER);
      }
    }));

  it('the time-out reached between two steps', () =>
    inCopy(async (connection) => {
      const slow = atStep(6, () => sleep(600));
      expect(await codeOf(upgrade(connection.db, { ...UP, timeoutMs: 500, onStep: slow }))).toBe('timeout');
      expect(await completed(connection)).toBe(BEFORE);
      await upgrade(connection.db, UP);
      expect(await completed(connection)).toBe(AFTER);
    }));

  it('a second runner waits for the first and finds nothing to do', () =>
    inCopy(async (connection) => {
      let second: ReturnType<typeof upgrade> | undefined;
      const first = await upgrade(connection.db, {
        ...UP,
        onStep: atStep(5, async () => {
          second = upgrade(connection.db, UP);
          await sleep(200);
        }),
      });
      expect(first.revisions).toEqual([AFTER]);
      expect((await second)?.revisions).toEqual([]);
      expect(await completed(connection)).toBe(AFTER);
    }));

  it('the disk of the backup full: nothing is dropped', async (test) => {
    const disk = await smallDisk(64 * 1024);
    if (disk === null) return test.skip('needs the right to mount a small file system');
    try {
      await inCopy(async (connection) => {
        await fillDisk(disk.path);
        const archive = async (tx: Transaction<unknown>, tables: readonly string[]): Promise<void> => {
          await writeTablesBackup(tx, tables, backupFile(disk.path, BEFORE));
        };
        const failed = upgrade(connection.db, { target: '002', archive });
        await expect(failed).rejects.toThrow(
          /^The backup cannot be written to .*: the disk is full; choose another place/,
        );
        expect(await completed(connection)).toBe(BEFORE);
        await rm(join(disk.path, 'filler'));
        await upgrade(connection.db, { target: '002', archive });
        expect(await completed(connection)).toBe(AFTER);
      });
    } finally {
      await disk.remove();
    }
  });

  it('the session ended from outside at any step', () =>
    inCopy(async (connection, database) => {
      for (const step of [1, 4, 7, 9]) {
        const fault = atStep(step, () => endSession(database));
        expect(await codeOf(upgrade(connection.db, { ...UP, onStep: fault })), `at step ${step}`).toBe(
          'database_unavailable',
        );
        if (engine === 'server') await alone(connection.db);
        expect(await completed(connection)).toBe(BEFORE);
      }
      await upgrade(connection.db, UP);
      expect(await completed(connection)).toBe(AFTER);
    }));

  it('the disk of the database full', async (test) => {
    const disk = await smallDisk(64 * 2 ** 20);
    if (disk === null) return test.skip('needs the right to mount a small file system');
    const place = engine === 'embedded' ? join(disk.path, 'data') : await tablespace(disk.path);
    if (place === null) return test.skip('needs a server on this machine');
    try {
      const database = await original.copy(place);
      const connection = await database.open();
      await fillDisk(disk.path);
      expect(await codeOf(upgrade(connection.db, UP))).toBe('disk_full');
      await connection.close();
      await rm(join(disk.path, 'filler'));
      const again = await database.open();
      expect(await completed(again)).toBe(BEFORE);
      await upgrade(again.db, UP);
      expect(await completed(again)).toBe(AFTER);
      await again.close();
      await database.remove();
    } finally {
      if (engine === 'server') await administer(`drop tablespace ${place}`);
      await disk.remove();
    }
  });
}

async function endSession({ env }: RealDatabase): Promise<void> {
  const url = env['DATABASE_URL'];
  if (url === undefined) return void (await workers.at(-1)?.terminate());
  await administer(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${new URL(url).pathname.slice(1)}'`,
  );
}

/** Takes every byte that is left. */
async function fillDisk(path: string): Promise<void> {
  const file = await open(join(path, 'filler'), 'w');
  const block = Buffer.alloc(4096);
  try {
    for (;;) await file.write(block);
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
  } finally {
    await file.close();
  }
}

/** Name of a tablespace in `path`; null where the server does not see this file system. */
async function tablespace(path: string): Promise<string | null> {
  const [row] = await administer(`select current_setting('data_directory') as directory`);
  const owner = await stat(String(row?.['directory'])).catch(() => null);
  if (owner === null) return null;
  await chown(path, owner.uid, owner.gid);
  const name = `small_${process.pid}`;
  await administer(`create tablespace ${name} location '${path}'`);
  return name;
}

describe('faults, embedded', () => faults('embedded'));
describe.skipIf(SERVER === undefined)('faults, server (needs TEST_DATABASE_URL)', () => {
  faults('server');

  it('a table that somebody else uses until the time-out', async () => {
    const original = await seeded('server');
    const database = await original.copy();
    const connection = await database.open();
    await connection.db.transaction().execute(async (tx) => {
      await sql`select from vendors`.execute(tx);
      expect(await codeOf(upgrade(connection.db, { ...UP, timeoutMs: 1000 }))).toBe('timeout');
    });
    expect(await completeAt(connection.db, original.before)).toBe(BEFORE);
    await upgrade(connection.db, UP);
    expect(await completeAt(connection.db, original.before)).toBe(AFTER);
    await connection.close();
    await database.remove();
    await original.remove();
  });
});
