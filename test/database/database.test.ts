// The database interface, the same on both engines.
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDatabase } from '#src/database/database.js';
import { vectorArray, vectorParameter } from '#src/database/vectors.js';
import { HEAD } from '#src/migrations/runner.js';
import { describeEngines, openTestDatabase, type TestDatabase } from './engines.js';

describeEngines((engine) => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await openTestDatabase(engine);
  });
  afterEach(() => database.remove());

  test('a new database is at head and says what it is', async () => {
    const { rows } = await sql<{ version_num: string }>`SELECT version_num FROM alembic_version`.execute(database.db);
    expect(rows).toEqual([{ version_num: HEAD }]);
    expect(database.description).toMatch(
      engine === 'embedded'
        ? /^PGlite \(PostgreSQL 18\.\d+\) in \//
        : /^PostgreSQL \d+\.\d+ at 127\.0\.0\.1:\d+\/test_\w+$/,
    );
  });

  test('what was committed is there after closing and opening again', async () => {
    await database.db.insertInto('repositories').values({ project_id: 'default', path: '/r', name: 'r' }).execute();
    await database.close();
    await database.close();
    const again = await openDatabase(database.config, { holder: 'test' });
    expect(await again.allProjects.selectFrom('repositories').select('path').execute()).toEqual([{ path: '/r' }]);
    await again.close();
  });

  test('vectors go in as binary parameters and come back the same', async () => {
    const vectors = [Float32Array.of(1, -0.5, 0.25), Float32Array.of(0, 3, 65504)];
    const texts = ['[1,-0.5,0.25]', '[0,3,65504]'];
    const type = sql.raw(database.vectorType);
    const many = sql<{ text: string }>`
      SELECT v::text AS text FROM unnest(${vectorArray(database, vectors)}::${type}[]) AS v`;
    expect((await many.execute(database.db)).rows.map((row) => row.text)).toEqual(texts);
    const one = sql<{
      text: string;
    }>`SELECT ${vectorParameter(database, Float32Array.of(0, 3, 65504))}::${type}::text AS text`;
    expect((await one.execute(database.db)).rows).toEqual([{ text: texts[1] }]);
  });

  test('both vector types are written as PostgreSQL reads them', async () => {
    for (const vectorType of ['vector', 'halfvec'] as const) {
      const { rows } = await sql<{ oid: number }>`SELECT ${vectorType}::regtype::oid AS oid`.execute(database.db);
      const bytes = vectorArray({ vectorType, vectorOid: rows[0]?.oid ?? 0 }, [Float32Array.of(0.1, -3e-6)]);
      const read = await sql<{ text: string }>`
        SELECT v::text AS text, '[0.1,-3e-6]'::${sql.raw(vectorType)}::text AS expected FROM unnest(${bytes}::${sql.raw(vectorType)}[]) AS v`.execute(
        database.db,
      );
      expect(read.rows).toEqual([{ text: expect.any(String), expected: read.rows[0]?.text }]);
    }
  });

  test('no vectors are an empty array', async () => {
    const { rows } = await sql<{ n: number }>`
      SELECT cardinality(${vectorArray(database, [])}::${sql.raw(database.vectorType)}[]) AS n`.execute(database.db);
    expect(rows).toEqual([{ n: 0 }]);
  });

  test('a failed statement leaves the connection usable, a failed transaction leaves nothing', async () => {
    await expect(sql`SELECT 1/0`.execute(database.db)).rejects.toThrow('division by zero');
    const attempt = database.db.transaction().execute(async (tx) => {
      await tx.insertInto('repositories').values({ project_id: 'default', path: '/r', name: 'r' }).execute();
      await sql`SELECT 1/0`.execute(tx);
    });
    await expect(attempt).rejects.toThrow('division by zero');
    expect(await database.db.selectFrom('repositories').selectAll().execute()).toEqual([]);
  });

  test('parameters and answers of many megabytes arrive whole', async () => {
    const text = 'é'.repeat(4_000_000);
    const { rows } = await sql<{ text: string }>`SELECT ${text}::text AS text`.execute(database.db);
    expect(rows[0]?.text === text).toBe(true);
  });

  test('maintenance renews statistics after a large change, and leaves them after a small one', async () => {
    await database.maintain();
    const { id } = await database.db
      .insertInto('repositories')
      .values({ project_id: 'default', path: '/r', name: 'r' })
      .returning('id')
      .executeTakeFirstOrThrow();
    const skip = (count: number, reason: string) =>
      sql`INSERT INTO skipped_files (project_id, repository_id, path, reason)
        SELECT 'default', ${id}, gen_random_uuid(), ${reason} FROM generate_series(1, ${count}::int)`.execute(
        database.db,
      );
    const reasons = async () =>
      (
        await sql<{ values: string }>`
          SELECT most_common_vals::text AS values FROM pg_stats WHERE tablename = 'skipped_files' AND attname = 'reason'`.execute(
          database.db,
        )
      ).rows;
    await skip(1_000, 'binary');
    await database.maintain();
    expect(await reasons()).toEqual([{ values: '{binary}' }]);
    await skip(50, 'too_large');
    await database.maintain();
    expect(await reasons()).toEqual([{ values: '{binary}' }]);
    await skip(500, 'too_large');
    await database.maintain();
    expect(await reasons()).toEqual([{ values: '{binary,too_large}' }]);
  });

  test('many callers at once each get their own answer', async () => {
    const answers = await Promise.all(
      Array.from(
        { length: 50 },
        async (_, i) => (await sql<{ n: number }>`SELECT ${i}::int AS n`.execute(database.db)).rows[0]?.n,
      ),
    );
    expect(answers).toEqual(Array.from({ length: 50 }, (_, i) => i));
  });

  test('closing waits neither for a long query nor for what is queued behind it; both are told', async () => {
    const endless = () => sql`SELECT count(*) FROM generate_series(1, 1000000000)`.execute(database.db);
    const told = Array.from({ length: 11 }, () => expect(endless()).rejects.toThrow());
    await sleep(100);
    await database.close(); // the queries would take minutes
    await Promise.all(told);
    await expect(endless()).rejects.toMatchObject({ code: 'cancelled' });
  });
});

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
