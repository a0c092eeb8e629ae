// Data directories that cannot be used: each is refused in one sentence with the next step, and left as it is.
import {
  chmod,
  chown,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { sql } from 'kysely';
import { PGlite as OlderPGlite } from 'pglite-postgres17';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { loadConfig } from '#src/config.js';
import { DATA, POSTGRES_MAJOR } from '#src/database/data-directory.js';
import { connectDatabase, openDatabase } from '#src/database/database.js';
import type { SetAside } from '#src/database/set-aside.js';
import { condemn } from '#src/database/set-aside.js';
import { startHolder } from './processes.js';

const NOBODY = 65534;
/** PostgreSQL drops and makes these as it likes. */
const ITS_OWN = /(pg_internal\.init|postmaster\.pid)$/;
const NEXT_STEP =
  'move it away or set CODEBASE_MCP_DATA_DIR to another directory, and index again: the code itself is not touched.';
const SETS_ASIDE =
  'codebase-mcp index sets it aside under another name and indexes again: the code itself is not touched.';

let root: string;
let good: string;
let directory: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'codebase-mcp-data-'));
  good = join(root, 'good');
  await (await open(good)).close();
});
afterAll(() => rm(root, { recursive: true, force: true }));
beforeEach(() => {
  directory = join(root, 'tried');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const open = (dataDir: string) => openDatabase(loadConfig({ dataDir }, {}), { holder: 'test' });

/** As a `db` command opens it. */
const look = (dataDir: string) => connectDatabase(loadConfig({ dataDir }, {}), { holder: 'test' });

/** The error of opening it; whatever it is, nothing may be missing afterwards. */
async function refusal(opening: (dataDir: string) => Promise<unknown> = open, dataDir = directory): Promise<Refusal> {
  const before = await listing(dataDir);
  const error = await opening(dataDir).then(
    () => null,
    (error) => error,
  );
  expect(await listing(dataDir)).toEqual(expect.arrayContaining(before));
  expect(error).toMatchObject({ name: 'CodebaseError' });
  return error;
}

interface Refusal {
  readonly code: string;
  readonly message: string;
}

/** Opens the damaged directory as an owner does: an empty database, and beside it everything that was there. */
async function replaced(): Promise<SetAside> {
  const before = await listing(directory);
  const database = await open(directory);
  const { setAside } = database;
  expect(await database.allProjects.selectFrom('repositories').selectAll().execute()).toEqual([]);
  await database.close();
  if (setAside === null) throw new Error('it was opened as it is');
  expect(setAside.path).toMatch(/damaged-\d{8}T\d{9}Z$/);
  expect(await readFile(join(setAside.path, 'damaged.txt'), 'utf8')).toBe(`${setAside.reason}\n`);
  expect(await listing(setAside.path)).toEqual(expect.arrayContaining(before.filter((name) => name.startsWith(DATA))));
  const again = await open(directory);
  expect(again.setAside).toBeNull();
  await again.close();
  expect((await readdir(directory)).sort()).toEqual([basename(setAside.path), 'database.json', DATA]);
  return setAside;
}

async function listing(path: string): Promise<string[]> {
  if (!(await stat(path).catch(() => null))?.isDirectory()) return [];
  return (await readdir(path, { recursive: true })).filter((name) => !ITS_OWN.test(name)).sort();
}

test('a new directory is for its owner only', async () => {
  expect((await stat(good)).mode & 0o777).toBe(0o700);
  expect((await stat(join(good, DATA))).mode & 0o777).toBe(0o700);
  expect(JSON.parse(await readFile(join(good, 'database.json'), 'utf8'))).toEqual({
    format: 1,
    postgres: expect.stringMatching(new RegExp(`^${POSTGRES_MAJOR}\\.`)),
    pgvector: expect.stringMatching(/^0\.\d+/),
    created_by: expect.stringMatching(/^\d+\.\d+\.\d+/),
  });
});

test('a directory of something else', async () => {
  await mkdir(directory);
  await writeFile(join(directory, 'thesis.doc'), '');
  const error = await refusal();
  expect(error).toMatchObject({
    code: 'data_directory',
    message: `"${directory}" is not a codebase-mcp data directory (it holds "thesis.doc"); set CODEBASE_MCP_DATA_DIR to an empty or new directory.`,
  });
});

test.runIf(process.platform === 'linux')('a place where the system lets nobody make directories', async () => {
  await expect(open('/proc/codebase-mcp/data')).rejects.toThrow(
    'The data directory "/proc/codebase-mcp" cannot be made there; set CODEBASE_MCP_DATA_DIR to a directory of your own.',
  );
});

test('a file, and a path below a file', async () => {
  await writeFile(directory, '');
  expect((await refusal()).message).toBe(
    `The data directory "${directory}" is a file; set CODEBASE_MCP_DATA_DIR to a directory.`,
  );
  const below = join(directory, 'data');
  expect((await refusal(open, below)).message).toBe(
    `The data directory "${below}" lies below a file; set CODEBASE_MCP_DATA_DIR to another path.`,
  );
});

const damages: readonly (readonly [string, (data: string) => Promise<void>, string])[] = [
  ['no stamp', () => rm(join(directory, 'database.json')), 'cannot be opened (database.json is missing)'],
  [
    'half a stamp',
    () => truncate(join(directory, 'database.json'), 20),
    'cannot be opened (database.json is not readable)',
  ],
  ['no version', (data) => rm(join(data, 'PG_VERSION')), 'cannot be opened (pgdata/PG_VERSION is missing)'],
  [
    'no control file',
    (data) => rm(join(data, 'global/pg_control')),
    'cannot be opened (could not open file "global/pg_control": No such file or directory)',
  ],
  [
    'no write-ahead log',
    async (data) => {
      for (const name of await readdir(join(data, 'pg_wal'))) await rm(join(data, 'pg_wal', name), { recursive: true });
    },
    'cannot be opened (could not locate a valid checkpoint record',
  ],
  [
    'no tables',
    (data) => rm(join(data, 'base'), { recursive: true }),
    'cannot be opened (database "postgres" does not exist)',
  ],
];

test.each(damages)('a damaged directory: %s', async (_, damage, reason) => {
  await cp(good, directory, { recursive: true });
  await damage(join(directory, DATA));
  const { code, message } = await refusal(look);
  expect(code).toBe('data_directory');
  expect(message.startsWith(`The index in "${directory}" ${reason}`)).toBe(true);
  expect(message.endsWith(SETS_ASIDE)).toBe(true);
  expect(`cannot be opened (${(await replaced()).reason})`.startsWith(reason.replace(/\)$/, ''))).toBe(true);
});

test('a directory of an older engine: how to carry the data over, by whoever opens it', async () => {
  await mkdir(directory);
  await (await OlderPGlite.create(join(directory, DATA))).close();
  const stamp = { format: 1, postgres: '17.5', pgvector: '0.8.0', created_by: '0.0.9' };
  await writeFile(join(directory, 'database.json'), JSON.stringify(stamp));
  for (const opening of [open, look]) {
    expect(await refusal(opening)).toMatchObject({
      code: 'data_directory',
      message: `The index in "${directory}" was written by PostgreSQL 17 (codebase-mcp 0.0.9), and this version reads ${POSTGRES_MAJOR}; carry it over with codebase-mcp db backup FILE of that version and codebase-mcp db restore FILE of this one in another CODEBASE_MCP_DATA_DIR, or move it away and index again: the code itself is not touched.`,
    });
  }
});

/** Opens it, writes, and ends as a process that is killed does: without closing. */
async function diedOpen(): Promise<void> {
  const holder = startHolder(
    directory,
    "INSERT INTO repositories (project_id, path, name) VALUES ('default', '/r', 'r')",
  );
  expect(await holder.said).toBe('done');
  await holder.kill();
}

/** Spoils the first page of every file of a table or an index whose name the test takes. */
async function spoil(which: (name: string) => boolean): Promise<void> {
  const [base = ''] = await readdir(join(directory, DATA, 'base'));
  for (const name of (await readdir(join(directory, DATA, 'base', base))).filter(which)) {
    const file = join(directory, DATA, 'base', base, name);
    const bytes = await readFile(file);
    if (/^\d+$/.test(name) && bytes.length > 0) await writeFile(file, bytes.fill(7, 24, 100));
  }
}

test('pages that fail their checksum', async () => {
  await cp(good, directory, { recursive: true });
  await spoil(() => true);
  expect((await refusal(look)).message).toMatch(
    /^The index in ".*" cannot be opened \(invalid page in block \d+ of relation/,
  );
  expect((await replaced()).reason).toMatch(/^invalid page in block \d+ of relation/);
});

test('an index that fails its check, which it has to pass after a process died', async () => {
  await cp(good, directory, { recursive: true });
  const { db, close } = await look(directory);
  const { rows } = await sql<{ file: number }>`SELECT pg_relation_filenode('skipped_files_pkey') AS file`.execute(db);
  await close();
  await diedOpen();
  const sound = await open(directory);
  expect(sound.setAside).toBeNull();
  await sound.allProjects.deleteFrom('repositories').execute();
  await sound.close();
  await spoil((name) => name === String(rows[0]?.file));
  await (await open(directory)).close();
  await diedOpen();
  expect((await replaced()).reason).toMatch(/^invalid page in block 0 of relation/);
});

test('a process that is killed while it sets a database aside: the next one goes on', async () => {
  await cp(good, directory, { recursive: true });
  await mkdir(join(directory, 'damaged-20260101T000000000Z'));
  await rename(join(directory, DATA), join(directory, 'damaged-20260101T000000000Z', DATA));
  condemn(directory, 'a reason');
  expect(await replaced()).toEqual({ reason: 'a reason', path: join(directory, 'damaged-20260101T000000000Z') });
});

test('of several that were set aside the last is kept', async () => {
  await cp(good, directory, { recursive: true });
  for (const reason of ['first', 'second']) {
    condemn(directory, reason);
    expect((await replaced()).reason).toBe(reason);
  }
});

test('a newer format', async () => {
  await cp(good, directory, { recursive: true });
  const stamp = { format: 2, postgres: '19.1', pgvector: '0.9.0', created_by: '3.0.0' };
  await writeFile(join(directory, 'database.json'), JSON.stringify(stamp));
  expect(await refusal()).toMatchObject({
    code: 'database_newer',
    message: `The index in "${directory}" was made by codebase-mcp 3.0.0 in a newer format; use that version, or ${NEXT_STEP}`,
  });
});

test('a pid file that a killed process left empty', async () => {
  await cp(good, directory, { recursive: true });
  await writeFile(join(directory, DATA, 'postmaster.pid'), '');
  await (await open(directory)).close();
});

test('what a killed first start left behind is replaced', async () => {
  await mkdir(join(directory, 'new', DATA), { recursive: true });
  await writeFile(join(directory, 'new', DATA, 'PG_VERSION'), 'half');
  await cp(join(good, 'database.json'), join(directory, 'database.json'));
  await (await open(directory)).close();
  expect((await readdir(directory)).sort()).toEqual(['database.json', DATA]);
});

// Root may write everywhere, so another user has to try.
test.skipIf(process.platform === 'win32')('no permission to write', async () => {
  await cp(good, directory, { recursive: true });
  const asRoot = process.getuid?.() === 0;
  if (asRoot) {
    await chmod(root, 0o755);
    await chown(directory, NOBODY, NOBODY);
  }
  await chmod(directory, 0o500);
  const holder = startHolder(directory, '', asRoot ? { uid: NOBODY } : {});
  expect(await holder.said).toBe(
    `permission_denied The files of "${directory}" cannot be read and written (EACCES: permission denied, access '${directory}'); correct their owner and permissions, or set CODEBASE_MCP_DATA_DIR to a directory of your own.`,
  );
  await holder.kill();
  await chmod(directory, 0o700);
});
