// What may happen to the embedded engine while it works: a full disk, its death, an impatient caller.
import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadConfig } from '#src/config.js';
import { type Database, openDatabase } from '#src/database/database.js';
import { PGliteThread } from '#src/database/pglite-thread.js';
import { describeDatabaseError } from '#src/database/sqlstates.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'codebase-mcp-failures-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const open = () => openDatabase(loadConfig({ dataDir: join(directory, 'data') }, {}), { holder: 'test' });

const insert = ({ allProjects: db }: Pick<Database, 'allProjects'>) =>
  sql`INSERT INTO repositories (project_id, path, name)
    SELECT 'default', gen_random_uuid(), repeat(md5(random()::text), 30) FROM generate_series(1, 500)`.execute(db);

const count = async ({ allProjects: db }: Pick<Database, 'allProjects'>) =>
  (await sql<{ n: number }>`SELECT count(*)::int AS n FROM repositories`.execute(db)).rows[0]?.n;

test('when the engine dies its query is told, and the next one finds a new engine with all that was committed', async () => {
  const database = await open();
  const log = join(directory, 'data/pgdata/pg_wal');
  await rename(log, `${log}.away`);
  let committed = 0;
  const death = (async () => {
    for (;;) {
      await insert(database);
      committed += 500;
    }
  })();
  await expect(death).rejects.toMatchObject({
    code: 'database_unavailable',
    message: expect.stringMatching(
      /^The embedded database in ".*" stopped \(could not .*pg_wal.*\); run the command again, what was committed is kept\.$/,
    ),
  });
  await rename(`${log}.away`, log);
  expect(await count(database)).toBe(committed);
  await database.close();
});

test('a client that goes away leaves neither its transaction nor its answer to the next one', async () => {
  await (await open()).close();
  const thread = await PGliteThread.start({
    dataDirectory: join(directory, 'data/pgdata'),
    settings: {},
    initdbOptions: [],
  });
  const connect = async () => {
    const client = new pg.Client({ stream: () => thread.connect() as never, user: 'postgres', database: 'postgres' });
    client.on('error', () => {});
    await client.connect();
    return client;
  };
  const first = await connect();
  await first.query('BEGIN');
  await first.query('CREATE TABLE left_over ()');
  const abandoned = expect(first.query("SELECT 'an answer of the first', pg_sleep(0.3)")).rejects.toThrow();
  await first.end();
  await abandoned;
  const second = await connect();
  expect((await second.query("SELECT to_regclass('left_over') AS found")).rows).toEqual([{ found: null }]);
  await second.end();
  await thread.close(5_000);
});

test('queries after the close are refused', async () => {
  const database = await open();
  await database.close();
  await expect(count(database)).rejects.toThrow();
});

describe.skipIf(!canMount())('on a file system of its own', () => {
  let mounted: string;
  beforeEach(() => {
    mounted = directory;
  });
  afterEach(() => {
    execFileSync('umount', ['-l', mounted]);
  });

  test('a disk too small for a new database, then a larger one', async () => {
    mount(mounted, '8m');
    await expect(open()).rejects.toMatchObject({
      code: 'disk_full',
      message: `No space is left on the disk of "${join(directory, 'data')}"; free some and run the command again, what is already indexed is kept.`,
    });
    mount(mounted, '40m', 'remount,');
    await (await open()).close();
  });

  test('a full disk, then one with room: the index that is there is opened', async () => {
    mount(mounted, '40m');
    const database = await open();
    await insert(database);
    await database.close();
    const filler = join(mounted, 'filler');
    await expect(writeFile(filler, Buffer.alloc(40 * 2 ** 20))).rejects.toMatchObject({ code: 'ENOSPC' });
    await expect(open()).rejects.toMatchObject({ code: 'disk_full' });
    expect((await readdir(join(directory, 'data'))).sort()).toEqual(['database.json', 'pgdata']);
    await rm(filler);
    const again = await open();
    expect(await count(again)).toBe(500);
    await again.close();
  });

  // By size it is the tables that do not fit (an error) or the write-ahead log (the end of the engine).
  test.each(['24m', '25m', '27m'])('a disk of %s that fills up keeps all that was committed', async (size) => {
    mount(mounted, size);
    const database = await open();
    let committed = 0;
    const error = await (async () => {
      for (;;) {
        await insert(database);
        committed += 500;
      }
    })().catch((error) => describeDatabaseError(error));
    expect(error).toMatchObject({ code: 'disk_full' });
    expect(committed).toBeGreaterThan(0);
    mount(mounted, '200m', 'remount,');
    expect(await count(database)).toBe(committed);
    await insert(database);
    await database.close();
    const again = await open();
    expect(await count(again)).toBe(committed + 500);
    await again.close();
  });
});

function mount(path: string, size: string, options = ''): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `${options}size=${size}`, 'tmpfs', path]);
}

/** Only root in an ordinary container or machine may; elsewhere these tests are skipped. */
function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  try {
    mount('/mnt', '1m');
    execFileSync('umount', ['-l', '/mnt']);
    return true;
  } catch {
    return false;
  }
}
