// Up, down and up again: the schema is exact at every revision, the data are kept, and it is all or nothing.
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { loadConfig } from '#src/config.js';
import { connectDatabase } from '#src/database/database.js';
import { CodebaseError } from '#src/errors.js';
import { checkDatabase } from '#src/migrations/check.js';
import { CHAIN } from '#src/migrations/revisions.js';
import { currentRevision, downgrade, HEAD, type StepReport, upgrade } from '#src/migrations/runner.js';
import { stamp } from '#src/migrations/stamp.js';
import { tableNames, tableSummaries } from '#src/migrations/table-rows.js';
import { describeEngines, ENGINES, type Engine, rows, type TestDatabase } from './engines.js';
import { seedSmall } from './small-seed.js';

async function inDatabase(engine: Engine, story: (db: TestDatabase['db'], database: TestDatabase) => Promise<void>) {
  const database = await engine.open();
  try {
    await story(database.db, database);
  } finally {
    await database.close();
  }
}

const findings = async (db: TestDatabase['db']) => (await checkDatabase(db)).checks.flatMap((check) => check.findings);

const contents = (db: TestDatabase['db']) =>
  db.transaction().execute(async (tx) =>
    tableSummaries(
      tx,
      (await tableNames(tx)).filter((t) => t !== 'alembic_version'),
    ),
  );

/** The error that `work` must end with. */
const failure = (work: Promise<unknown>): Promise<CodebaseError> =>
  work.then(
    () => Promise.reject(new Error('it succeeded')),
    (error) => (error instanceof CodebaseError ? error : Promise.reject(error)),
  );

describeEngines('migrations', (engine) => {
  it(
    'climb and descend the stairs, one revision at a time, and climb again',
    () =>
      inDatabase(engine, async (db) => {
        for (const { revision } of CHAIN) {
          expect((await upgrade(db, { target: '+1' })).revisions).toEqual([revision]);
          expect(await currentRevision(db)).toBe(revision);
          expect(await findings(db)).toEqual([]);
        }
        for (const { revises } of [...CHAIN].reverse()) {
          await downgrade(db, { target: '-1' });
          expect(await currentRevision(db)).toBe(revises);
          expect(await findings(db)).toEqual([]);
        }
        await upgrade(db);
        expect(await findings(db)).toEqual([]);
      }),
    240_000,
  );

  it('bring a new database to head, and find nothing to do the second time', () =>
    inDatabase(engine, async (db) => {
      expect((await upgrade(db)).to).toBe(HEAD);
      const again = await upgrade(db);
      expect(again).toMatchObject({ from: HEAD, to: HEAD, revisions: [], steps: [] });
    }));

  it('keep every row of repositories and chunks, vectors included, up to head and back', () =>
    inDatabase(engine, async (db) => {
      await upgrade(db, { target: '005' });
      await seedSmall(db, { repositories: 4, chunks: 40 });
      const kept = async () =>
        Promise.all([
          rows(db, 'SELECT id, path, name, indexed_at, metadata, created_at, updated_at FROM repositories ORDER BY id'),
          rows(
            db,
            `SELECT id, repository_id, file_path, md5(content) AS content, start_line, end_line, embedding::text AS embedding,
            created_at, updated_at FROM code_chunks ORDER BY id`,
          ),
        ]);
      const before = await kept();
      expect(before[1]).toHaveLength(40);
      await upgrade(db, { archive: 'discard' });
      expect(await rows(db, 'SELECT DISTINCT project_id FROM code_chunks')).toEqual([{ project_id: 'default' }]);
      expect(
        await rows(db, 'SELECT count(*)::int AS n, min(vector_dims(embedding)) AS dims FROM chunk_embeddings'),
      ).toEqual([{ n: 40, dims: 768 }]);
      await downgrade(db, { target: '005' });
      expect(await kept()).toEqual(before);
    }));

  it('keep the projects through a downgrade to a schema without them', () =>
    inDatabase(engine, async (db) => {
      await upgrade(db, { target: '002' });
      await rows(
        db,
        `INSERT INTO repositories (path, name, project_id, metadata) VALUES
        ('/a', 'a', 'alpha', '{"stars": 1}'), ('/b', 'b', 'beta', '[1]'), ('/c', 'c', 'default', '{}')`,
      );
      await rows(
        db,
        `INSERT INTO code_chunks (project_id, repository_id, file_path, content, start_line, end_line)
        SELECT project_id, id, 'x.ts', 'x', 1, 1 FROM repositories`,
      );
      const before = await contents(db);
      await downgrade(db, { target: '005' });
      await upgrade(db, { target: '002' });
      expect(await contents(db)).toEqual(before);
    }));

  it('number the steps of 002 one to nine and say what they wrote', () =>
    inDatabase(engine, async (db) => {
      await upgrade(db, { target: '005' });
      const seen: StepReport[] = [];
      await upgrade(db, { target: '002', onStep: (step) => void seen.push(step) });
      expect(seen.map(({ number, of, title, phase }) => `${number}/${of} ${title} ${phase}`)).toMatchInlineSnapshot(`
        [
          "1/9 prerequisites start",
          "1/9 prerequisites end",
          "2/9 foreign keys and dependents start",
          "2/9 foreign keys and dependents end",
          "3/9 repositories.project_id start",
          "3/9 repositories.project_id end",
          "4/9 code_chunks.project_id start",
          "4/9 code_chunks.project_id end",
          "5/9 check constraints start",
          "5/9 check constraints end",
          "6/9 index idx_project_repository start",
          "6/9 index idx_project_repository end",
          "7/9 nine tables dropped start",
          "7/9 nine tables dropped end",
          "8/9 verification start",
          "8/9 verification end",
          "9/9 summary start",
          "9/9 summary end",
        ]
      `);
      expect(seen.at(-1)?.counts).toEqual({ repositories: 0, code_chunks: 0 });
    }));

  it('change nothing when any step fails', () =>
    inDatabase(engine, async (db) => {
      await upgrade(db, { target: '005' });
      const before = await contents(db);
      for (let stop = 1; stop <= 9; stop++) {
        const broken = upgrade(db, {
          onStep: ({ number, phase }) => {
            if (number === stop && phase === 'end') throw new Error(`broken after ${stop}`);
          },
        });
        await expect(broken).rejects.toThrow(`broken after ${stop}`);
        expect(await currentRevision(db)).toBe('005_case_insensitive_vendor');
        expect(await findings(db)).toEqual([]);
        expect(await contents(db)).toEqual(before);
      }
      await upgrade(db);
    }));

  it('change nothing in a dry run, which goes through every step', () =>
    inDatabase(engine, async (db) => {
      const summary = await upgrade(db, { dryRun: true });
      expect(summary.revisions).toHaveLength(CHAIN.length);
      expect(await currentRevision(db)).toBeNull();
      expect(await findings(db)).toEqual([]);
    }));

  it('recognise what Alembic recorded, and record their own name', () =>
    inDatabase(engine, async (db) => {
      await upgrade(db, { target: '005' });
      await rows(db, "UPDATE alembic_version SET version_num = '005'");
      expect(await currentRevision(db)).toBe('005_case_insensitive_vendor');
      expect((await upgrade(db, { target: '002' })).revisions).toEqual(['002_remove_non_search_tables']);
      expect(await rows(db, 'SELECT version_num FROM alembic_version')).toEqual([
        { version_num: '002_remove_non_search_tables' },
      ]);
    }));

  it('refuse a database that a newer program made', () =>
    inDatabase(engine, async (db) => {
      await upgrade(db);
      await rows(db, "UPDATE alembic_version SET version_num = '042_quantum'");
      const { code, message } = await failure(upgrade(db));
      expect(code).toBe('database_newer');
      expect(message).toMatchInlineSnapshot(
        `"The database is at revision 042_quantum, and this program knows 001_initial_schema, 003_project_tracking, 005_case_insensitive_vendor, 002_remove_non_search_tables, 006_search, 008_row_level_security, 009_project_keys; use the program that made it, a newer codebase-mcp perhaps."`,
      );
    }));

  it('refuse a database at two revisions', () =>
    inDatabase(engine, async (db) => {
      await upgrade(db);
      await rows(db, "INSERT INTO alembic_version VALUES ('002')");
      expect((await failure(upgrade(db))).message).toMatchInlineSnapshot(
        `"Table alembic_version names 2 revisions (002, 009_project_keys), and one is allowed; delete the rows that do not apply."`,
      );
    }));

  it('go only in the direction of their name', () =>
    inDatabase(engine, async (db) => {
      await upgrade(db, { target: '002' });
      expect((await failure(upgrade(db, { target: '001' }))).message).toMatchInlineSnapshot(
        `"001_initial_schema comes before 002_remove_non_search_tables, where the database is; use codebase-mcp db downgrade 001_initial_schema."`,
      );
      expect((await failure(downgrade(db, { target: 'head' }))).message).toMatchInlineSnapshot(
        `"009_project_keys comes after 002_remove_non_search_tables, where the database is; use codebase-mcp db upgrade 009_project_keys."`,
      );
    }));

  it('do not drop rows that nobody has kept', () =>
    inDatabase(engine, async (db) => {
      await upgrade(db, { target: '005' });
      await rows(db, "INSERT INTO tasks (title) VALUES ('precious')");
      const { code, message } = await failure(upgrade(db));
      expect(code).toBe('schema_mismatch');
      expect(message).toMatchInlineSnapshot(
        `"Step 7/9 of 002_remove_non_search_tables (nine tables dropped) stopped and everything was rolled back: tables that this step drops have rows: tasks; run codebase-mcp db upgrade or downgrade without --sql, which writes them to a file first, or give --no-backup to lose them."`,
      );
      const kept: string[] = [];
      await upgrade(db, { archive: async (_tx, tables) => void kept.push(...tables) });
      expect(kept).toContain('tasks'); // and the empty ones, for their sequences
    }));

  it('stamp tables that are what the revision makes, and no others', () =>
    inDatabase(engine, async (db) => {
      await upgrade(db, { target: '005' });
      await rows(db, 'DROP TABLE alembic_version');
      expect(await stamp(db, '005')).toBe('005_case_insensitive_vendor');
      expect((await upgrade(db)).from).toBe('005_case_insensitive_vendor');
      expect((await failure(stamp(db, '003'))).message).toMatch(
        /^The command stopped.*the schema is not what revision 003_project_tracking makes: /,
      );
      expect(await currentRevision(db)).toBe(HEAD);
    }));
});

const server = ENGINES.server;

/** Waits for so many advisory locks in the database. */
async function locks(db: TestDatabase['db'], state: 'granted' | 'NOT granted', count: number): Promise<void> {
  const query = `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND ${state}
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
  await expect.poll(() => rows(db, query), { timeout: 20_000 }).toHaveLength(count);
}

it.skipIf(!server)(
  'two runners at once: one works, the other waits and finds nothing to do (needs TEST_DATABASE_URL)',
  () =>
    inDatabase(server as Engine, async (db) => {
      const waits: string[] = [];
      let release = (): void => {};
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      const first = upgrade(db, { onStep: () => released });
      await locks(db, 'granted', 1);
      const second = upgrade(db, { onWait: (holder) => waits.push(holder) });
      await locks(db, 'NOT granted', 1);
      release();
      expect((await first).revisions).toHaveLength(CHAIN.length);
      expect((await second).revisions).toEqual([]);
      expect(waits).toEqual([expect.stringMatching(/^process \d+ of postgres \(/)]);
      expect(await findings(db)).toEqual([]);
    }),
);

it.skipIf(!server)('the time limit holds while waiting, and says so (needs TEST_DATABASE_URL)', () =>
  inDatabase(server as Engine, async (db) => {
    await upgrade(db, { target: '005' });
    await db.transaction().execute(async (holder) => {
      await sql`LOCK TABLE code_chunks IN ACCESS SHARE MODE`.execute(holder);
      const { code, message } = await failure(upgrade(db, { timeoutMs: 2000 }));
      expect(code).toBe('timeout');
      expect(message).toMatch(/ and everything was rolled back[:;] .*give it longer with --timeout/);
    });
    expect(await currentRevision(db)).toBe('005_case_insensitive_vendor');
    await upgrade(db);
  }),
);

it.skipIf(!server)('a session that ends before the commit leaves everything as it was (needs TEST_DATABASE_URL)', () =>
  inDatabase(server as Engine, async (db) => {
    const ended = upgrade(db, {
      onStep: async ({ revision, number, of, phase }) => {
        if (revision !== HEAD || number < of || phase === 'start') return;
        await rows(
          db,
          'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()',
        );
      },
    });
    expect(await failure(ended)).toMatchObject({ code: 'database_unavailable' });
    expect(await currentRevision(db)).toBeNull();
    expect((await upgrade(db)).to).toBe(HEAD);
  }),
);

it.skipIf(!server)('a schema of any name serves (needs TEST_DATABASE_URL)', () =>
  inDatabase(server as Engine, async (db, { url }) => {
    const name = decodeURIComponent(new URL(url ?? '').pathname.slice(1));
    await rows(db, 'CREATE SCHEMA "My Schema"');
    await rows(db, `ALTER DATABASE ${name} SET search_path TO "My Schema"`);
    const connection = await connectDatabase(loadConfig({ databaseUrl: url ?? '' }, {}), { holder: 'test' });
    await upgrade(connection.db);
    await downgrade(connection.db, { target: '005' });
    await upgrade(connection.db);
    expect((await checkDatabase(connection.db)).checks.flatMap((check) => check.findings)).toEqual([]);
    await connection.close();
    expect(await rows(db, "SELECT DISTINCT schemaname FROM pg_tables WHERE tablename = 'code_chunks'")).toEqual([
      { schemaname: 'My Schema' },
    ]);
  }),
);
