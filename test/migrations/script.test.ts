// `--sql`: the script does what the run does, also in psql, and refuses a database that it was not made for.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { checkDatabase } from '#src/migrations/check.js';
import { OUR_TABLES } from '#src/migrations/expected-schema.js';
import { downgrade, planTo, upgrade } from '#src/migrations/runner.js';
import { scriptOf } from '#src/migrations/script.js';
import { describeEngines, ENGINES, type Engine, rows, type TestDatabase } from './engines.js';
import { liveSchema } from './live-schema.js';
import { seedSmall } from './small-seed.js';

type Db = TestDatabase['db'];

const script = async (db: Db, target: string, discard = false) =>
  scriptOf(await planTo(db, target, 'upgrade'), discard);
/** As a client that sends the whole text at once: the simple query protocol. */
const send = (db: Db, text: string) => db.connection().execute((connection) => sql.raw(text).execute(connection));
const state = async (db: Db) => ({
  schema: await liveSchema(db, OUR_TABLES),
  version: await rows(db, 'SELECT version_num FROM alembic_version'),
  findings: (await checkDatabase(db)).checks.flatMap((check) => check.findings),
});

describeEngines('the printed script', (engine) => {
  it.each(['001', '005', '002', 'head'])('from nothing to %s makes what the run makes', async (target) => {
    const database = await engine.open();
    await upgrade(database.db, { target });
    const run = await state(database.db);
    await downgrade(database.db, { target: 'base' });
    await send(database.db, await script(database.db, target));
    expect(await state(database.db)).toEqual(run);
    await database.close();
  });

  it('goes up over data and down again as the run does', async () => {
    const database = await engine.open();
    const { db } = database;
    await upgrade(db, { target: '005' });
    await seedSmall(db);
    const chunks = () =>
      rows(db, 'SELECT id, md5(content) AS content, embedding::text AS embedding FROM code_chunks ORDER BY id');
    const before = { ...(await state(db)), chunks: await chunks() };
    await send(db, await script(db, 'head', true));
    expect((await state(db)).findings).toEqual([]);
    await send(db, scriptOf(await planTo(db, '005', 'downgrade'), false));
    expect({ ...(await state(db)), chunks: await chunks() }).toEqual(before);
    await database.close();
  });

  it('stops on a database at another revision, and says which', async () => {
    const database = await engine.open();
    const forEmpty = await script(database.db, 'head');
    await upgrade(database.db, { target: '003' });
    await expect(send(database.db, forEmpty)).rejects.toMatchObject({
      message: 'the database is not at revision none',
      detail: 'it is at 003_project_tracking',
      hint: 'print the script for the revision the database is at',
    });
    await sql`ROLLBACK`.execute(database.db);
    expect((await state(database.db)).version).toEqual([{ version_num: '003_project_tracking' }]);
    await database.close();
  });

  it('stops before it drops rows, unless it was printed with --no-backup', async () => {
    const database = await engine.open();
    const { db } = database;
    await upgrade(db, { target: '005' });
    await rows(db, "INSERT INTO tasks (title) VALUES ('precious')");
    await expect(send(db, await script(db, '002'))).rejects.toMatchObject({ detail: 'tasks' });
    await sql`ROLLBACK`.execute(db);
    expect(await rows(db, 'SELECT title FROM tasks')).toEqual([{ title: 'precious' }]);
    await send(db, await script(db, '002', true));
    expect((await state(db)).findings).toEqual([]);
    await database.close();
  });

  it('says so when there is nothing to do', async () => {
    const database = await engine.open();
    await upgrade(database.db);
    expect(await script(database.db, 'head')).toBe('-- Nothing to do: the database is at 009_project_keys.\n');
    await database.close();
  });
});

const SCRIPT = fileURLToPath(new URL('../../scripts/postgres.sh', import.meta.url));
const hasPsql = ENGINES.server !== null && spawnSync(SCRIPT, ['psql', '--version']).status === 0;

describe.skipIf(!hasPsql)('psql (needs TEST_DATABASE_URL, and scripts/postgres.sh or psql on the path)', () => {
  it('runs the script to the same schema', async () => {
    const database = await (ENGINES.server as Engine).open();
    const text = await script(database.db, 'head');
    const options = ['psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', database.url ?? ''];
    expect(spawnSync(SCRIPT, options, { input: text, encoding: 'utf8' })).toMatchObject({ status: 0 });
    const printed = await state(database.db);
    expect(printed.findings).toEqual([]);
    await downgrade(database.db, { target: 'base' });
    await upgrade(database.db);
    expect(await state(database.db)).toEqual(printed);
    await database.close();
  });
});
