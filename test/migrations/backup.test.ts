// Nothing is lost: what 002 drops comes back, and a whole database goes through a file, also from one engine to the other.
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Kysely, Transaction } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TableSummary } from '#src/migrations/archive/format.js';
import { backupDatabase, tablesWithRows, writeTablesBackup } from '#src/migrations/backup.js';
import { restore } from '#src/migrations/restore.js';
import { downgrade, upgrade } from '#src/migrations/runner.js';
import { tableNames, tableSummaries } from '#src/migrations/table-rows.js';
import { describeEngines, ENGINES, type Engine, rows, type TestDatabase } from './engines.js';
import { seedSmall } from './small-seed.js';

const NINE = [
  'deployment_vendors',
  'deployments',
  'task_branches',
  'task_commits',
  'tasks',
  'vendor_test_results',
  'vendors',
  'work_item_dependencies',
  'work_items',
];

let directory: string;
let files = 0;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'backup-'));
});
afterAll(() => rm(directory, { recursive: true }));

const newFile = (): string => join(directory, `${files++}.backup.gz`);

/** Count and checksum of every table, and the state of every sequence. */
async function everything(
  db: Kysely<unknown>,
): Promise<{ tables: readonly TableSummary[]; sequences: readonly unknown[] }> {
  const tables = await db.transaction().execute(async (tx) => tableSummaries(tx, await tableNames(tx)));
  const sequences = await rows(db, 'select sequencename::text, last_value::text from pg_sequences order by 1');
  return { tables, sequences };
}

async function inDatabase<T>(engine: Engine, body: (database: TestDatabase) => Promise<T>): Promise<T> {
  const database = await engine.open();
  try {
    return await body(database);
  } finally {
    await database.close();
  }
}

const at005 = (engine: Engine, body: (db: Kysely<unknown>) => Promise<void>): Promise<void> =>
  inDatabase(engine, async ({ db }) => {
    await upgrade(db, { target: '005' });
    await seedSmall(db);
    await body(db);
  });

const message = (work: Promise<unknown>, file: string): Promise<string> =>
  work.then(
    () => 'accepted',
    (error: Error) => error.message.replaceAll(file, 'FILE'),
  );

describeEngines('a backup of the nine tables', (engine) => {
  it('brings back every row and every sequence after they were dropped and recreated', () =>
    at005(engine, async (db) => {
      await rows(db, "select nextval(pg_get_serial_sequence('vendor_test_results', 'id')) from generate_series(1, 5)");
      const before = await everything(db);
      expect(before.tables.every(({ rows }) => rows > 0)).toBe(true);
      const file = newFile();
      await db.transaction().execute((tx) => writeTablesBackup(tx, NINE, file));
      await rows(db, `truncate ${NINE.join(', ')} restart identity`);
      expect(await everything(db)).not.toEqual(before);
      await restore(db, file);
      expect(await everything(db)).toEqual(before);
    }));

  for (const target of ['002', 'head']) {
    it(`makes up to ${target} and down to 005 the identity on every row of every table`, () =>
      at005(engine, async (db) => {
        // An empty table has a sequence too.
        if (target === '002') await rows(db, 'delete from vendor_test_results');
        const before = await everything(db);
        const file = newFile();
        const archive = async (tx: Transaction<unknown>, tables: readonly string[]): Promise<void> => {
          await writeTablesBackup(tx, tables, file);
        };
        await upgrade(db, { target, archive });
        expect(await tableNames(db)).not.toContain('vendors');
        await downgrade(db, { target: '005' });
        await restore(db, file);
        expect(await everything(db)).toEqual(before);
      }));
  }

  it('keeps microseconds, JSON, arrays, NULLs, and rows that refer to rows after them', () =>
    at005(engine, async (db) => {
      const text =
        "select string_agg(w::text, '|' order by id) || (select string_agg(t::text, '|' order by id) from tasks t) as all_of_it from work_items w";
      const before = await rows<{ all_of_it: string }>(db, text);
      expect(before[0]?.all_of_it).toMatch(/\d\.\d{6}\+/);
      const file = newFile();
      await db.transaction().execute((tx) => writeTablesBackup(tx, NINE, file));
      await rows(db, `truncate ${NINE.join(', ')}`);
      await restore(db, file);
      expect(await rows(db, text)).toEqual(before);
    }));

  it('leaves constraints and indexes as they were', () =>
    at005(engine, async (db) => {
      const objects = `select conrelid::regclass::text as place, conname::text as name, pg_get_constraintdef(oid) as definition
        from pg_constraint where connamespace = 'public'::regnamespace
        union all select tablename::text, indexname::text, indexdef from pg_indexes where schemaname = 'public' order by 1, 2, 3`;
      const before = await rows(db, objects);
      const file = newFile();
      await db.transaction().execute((tx) => writeTablesBackup(tx, NINE, file));
      await rows(db, `truncate ${NINE.join(', ')}`);
      await restore(db, file);
      expect(await rows(db, objects)).toEqual(before);
    }));

  it('is refused, by name, where the tables are not empty', () =>
    at005(engine, async (db) => {
      const file = newFile();
      await db.transaction().execute((tx) => writeTablesBackup(tx, NINE, file));
      await rows(db, 'truncate task_branches, task_commits, tasks');
      expect(await message(restore(db, file), file)).toMatchInlineSnapshot(
        `"The database has rows in deployment_vendors, deployments, vendor_test_results, vendors, work_item_dependencies, work_items; FILE can only be restored where these tables are empty."`,
      );
    }));

  it('is refused at another revision, with the command that gets there', () =>
    at005(engine, async (db) => {
      const file = newFile();
      await db.transaction().execute((tx) => writeTablesBackup(tx, NINE, file));
      await upgrade(db, { target: '002', archive: 'discard' });
      expect(await message(restore(db, file), file)).toMatchInlineSnapshot(
        `"FILE holds tables of revision 005_case_insensitive_vendor and the database is at 002_remove_non_search_tables; run codebase-mcp db downgrade 005_case_insensitive_vendor first."`,
      );
    }));

  it('is refused where the table has other columns', () =>
    at005(engine, async (db) => {
      const file = newFile();
      await db.transaction().execute((tx) => writeTablesBackup(tx, NINE, file));
      await rows(db, `truncate ${NINE.join(', ')}`);
      await rows(db, 'alter table vendors rename column status to state');
      expect(await message(restore(db, file), file)).toMatchInlineSnapshot(
        `"Table vendors in FILE has other columns than the database; run codebase-mcp db check to see whether the database was altered."`,
      );
    }));

  it('is refused when a value was changed, and nothing is restored', () =>
    at005(engine, async (db) => {
      const file = newFile();
      await db.transaction().execute((tx) => writeTablesBackup(tx, NINE, file));
      await rows(db, `truncate ${NINE.join(', ')}`);
      const text = gunzipSync(await readFile(file))
        .toString()
        .replace('Vendor 1 GmbH', 'Vendor 1 Ltd.');
      await writeFile(file, gzipSync(text));
      expect(await message(restore(db, file), file)).toMatchInlineSnapshot(
        `"FILE was changed after it was written: the checksum of table vendors differs; use another copy."`,
      );
      expect(await tablesWithRows(db, NINE)).toEqual([]);
    }));

  it('is refused when a trigger here would change the rows, and nothing is restored', () =>
    at005(engine, async (db) => {
      const file = newFile();
      await db.transaction().execute((tx) => writeTablesBackup(tx, NINE, file));
      await rows(db, `truncate ${NINE.join(', ')}`);
      await rows(
        db,
        'create function shout() returns trigger language plpgsql as $$ begin new.name := upper(new.name); return new; end $$',
      );
      await rows(db, 'create trigger shout before insert on vendors for each row execute function shout()');
      expect(await message(restore(db, file), file)).toMatchInlineSnapshot(
        `"The restored rows of vendors differ from the backup, so nothing was restored; a trigger or a default of this database changed them."`,
      );
      expect(await tablesWithRows(db, NINE)).toEqual([]);
    }));
});

describeEngines('a backup of a database', (engine) => {
  for (const revision of ['001', '005', '002', 'head']) {
    it(`restores revision ${revision} into an empty database`, () =>
      at005(engine, async (db) => {
        const options = { target: revision, archive: 'discard' } as const;
        await (revision === '001' ? downgrade(db, options) : upgrade(db, options));
        const before = await everything(db);
        const file = newFile();
        const summary = await backupDatabase(db, file);
        expect(summary.tables).toEqual(before.tables);
        await downgrade(db, { target: 'base', archive: 'discard' });
        await restore(db, file);
        expect(await everything(db)).toEqual(before);
      }));
  }

  it('restores over an empty database at another revision', () =>
    at005(engine, async (db) => {
      const before = await everything(db);
      const file = newFile();
      await backupDatabase(db, file);
      await downgrade(db, { target: 'base', archive: 'discard' });
      await upgrade(db);
      await restore(db, file);
      expect(await everything(db)).toEqual(before);
    }));

  it('is refused over rows', () =>
    at005(engine, async (db) => {
      const file = newFile();
      await backupDatabase(db, file);
      expect(await message(restore(db, file), file)).toMatchInlineSnapshot(
        `"The database has rows in code_chunks, deployment_vendors, deployments, repositories, task_branches, task_commits, tasks, vendor_test_results, vendors, work_item_dependencies, work_items; FILE can only be restored where these tables are empty."`,
      );
    }));

  it('of a newer revision is refused', () =>
    at005(engine, async (db) => {
      const file = newFile();
      await rows(db, "update alembic_version set version_num = '005_case_insensitive_vendor'");
      await backupDatabase(db, file);
      await downgrade(db, { target: 'base', archive: 'discard' });
      const text = gunzipSync(await readFile(file)).toString();
      const newer = newFile();
      await writeFile(newer, gzipSync(resealed(text.replace('005_case_insensitive_vendor', '099_quantum'))));
      expect(await message(restore(db, newer), newer)).toMatchInlineSnapshot(
        `"FILE is a backup of revision 099_quantum, which this program (up to 009_project_keys) does not know; restore it with the newer version of codebase-mcp that wrote it."`,
      );
    }));
});

/** As a newer program would have written it: with a checksum that is right. */
function resealed(text: string): string {
  const end = text.lastIndexOf('{"end_of_backup"');
  const last = JSON.parse(text.slice(end)) as { end_of_backup: { tables: number } };
  const sha256 = createHash('sha256').update(text.slice(0, end)).digest('hex');
  return `${text.slice(0, end)}${JSON.stringify({ end_of_backup: { tables: last.end_of_backup.tables, sha256 } })}\n`;
}

describe.skipIf(ENGINES.server === null)('between engines (needs TEST_DATABASE_URL)', () => {
  for (const revision of ['005', 'head']) {
    it(`embedded → server → embedded gives the same rows at ${revision}`, async () => {
      const { embedded, server } = ENGINES;
      const first = newFile();
      const second = newFile();
      const before = await inDatabase(embedded, async ({ db }) => {
        await upgrade(db, { target: revision });
        await seedSmall(db);
        await backupDatabase(db, first);
        return everything(db);
      });
      const onServer = await inDatabase(server ?? embedded, async ({ db }) => {
        await restore(db, first);
        await backupDatabase(db, second);
        return everything(db);
      });
      const after = await inDatabase(embedded, async ({ db }) => {
        await restore(db, second);
        return everything(db);
      });
      expect(onServer).toEqual(before);
      expect(after).toEqual(before);
    });
  }
});
