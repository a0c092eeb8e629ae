// Data directories that cannot be used: each is refused in one sentence with the next step, and left as it is.
import { chmod, chown, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { loadConfig } from '#src/config.js';
import { DATA, POSTGRES_MAJOR } from '#src/database/data-directory.js';
import { openDatabase } from '#src/database/database.js';
import { startHolder } from './processes.js';

const NOBODY = 65534;
/** PostgreSQL drops and makes this one as it likes. */
const CACHE = 'pg_internal.init';
const NEXT_STEP =
  'move it away or set CODEBASE_MCP_DATA_DIR to another directory, and index again: the code itself is not touched.';

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

/** The error of opening it; whatever it is, nothing may be missing afterwards. */
async function refusal(dataDir = directory): Promise<{ code: string; message: string }> {
  const before = await listing(dataDir);
  const error = await open(dataDir).then(
    () => null,
    (error) => error,
  );
  expect(await listing(dataDir)).toEqual(expect.arrayContaining(before));
  expect(error).toMatchObject({ name: 'CodebaseError' });
  return error;
}

async function listing(path: string): Promise<string[]> {
  if (!(await stat(path).catch(() => null))?.isDirectory()) return [];
  return (await readdir(path, { recursive: true })).filter((name) => !name.endsWith(CACHE)).sort();
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
  expect((await refusal(below)).message).toBe(
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
    'another PostgreSQL',
    (data) => writeFile(join(data, 'PG_VERSION'), '17\n'),
    `was written by PostgreSQL 17, and this version reads ${POSTGRES_MAJOR}`,
  ],
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
  const { code, message } = await refusal();
  expect(code).toBe('data_directory');
  expect(message.startsWith(`The index in "${directory}" ${reason}`)).toBe(true);
  expect(message.endsWith(NEXT_STEP)).toBe(true);
});

test('pages that fail their checksum', async () => {
  await cp(good, directory, { recursive: true });
  const database = await open(directory);
  await database.db.insertInto('repositories').values({ project_id: 'default', path: '/r', name: 'r' }).execute();
  await database.close();
  const [base = ''] = await readdir(join(directory, DATA, 'base'));
  for (const name of await readdir(join(directory, DATA, 'base', base))) {
    const file = join(directory, DATA, 'base', base, name);
    const bytes = await readFile(file);
    if (/^\d+$/.test(name) && bytes.length > 0) await writeFile(file, bytes.fill(7, 24, 100));
  }
  expect((await refusal()).message).toMatch(
    /^The index in ".*" cannot be opened \(invalid page in block \d+ of relation/,
  );
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
