// A data directory at revision 005, with repositories and chunks, which an owner upgrades when it opens it.
import { randomUUID } from 'node:crypto';
import { cp } from 'node:fs/promises';
import { type Kysely, sql } from 'kysely';
import { expect } from 'vitest';
import { loadConfig } from '#src/config.js';
import { connectDatabase } from '#src/database/database.js';
import { checkDatabase } from '#src/migrations/check.js';
import { downgrade, HEAD } from '#src/migrations/runner.js';
import type { ProjectSummary } from '#src/service.js';
import { rowsOf } from '../migrations/complete.js';
import { seedSmall } from '../migrations/small-seed.js';

const CHUNKS = 2000;
const KEPT = ['repositories', 'code_chunks'];

export interface OlderDatabase {
  /** What the upgraded database has to list. */
  readonly projects: readonly ProjectSummary[];
  /** Path of a new copy. */
  copy(): Promise<string>;
  /** Fails unless the database is whole, at head, and has every chunk that it had. */
  expectComplete(dataDirectory: string): Promise<void>;
}

const open = (dataDir: string) => connectDatabase(loadConfig({ dataDir }, {}), { holder: 'test' });

/** One hash of all chunks. */
async function chunkTexts<DB>(db: Kysely<DB>): Promise<string | undefined> {
  const { rows } = await sql<{ hash: string }>`
    SELECT md5(string_agg(concat(id, file_path, start_line, content), '' ORDER BY id)) AS hash FROM code_chunks`.execute(
    db,
  );
  return rows[0]?.hash;
}

/** Makes it in `directory`; the copies lie beside. */
export async function olderDatabase(directory: string): Promise<OlderDatabase> {
  const { db, close } = await open(directory);
  await downgrade(db, { target: '005' });
  await seedSmall(db, { chunks: CHUNKS });
  const tables = (await rowsOf(db)).all.map(({ table }) => table).filter((table) => !KEPT.includes(table));
  // Their rows would have to be written to a file before the upgrade drops them, which is for `db upgrade`.
  await sql`TRUNCATE ${sql.join(tables.map((table) => sql.table(table)))}`.execute(db);
  const before = await chunkTexts(db);
  const { rows } = await sql<ProjectSummary>`
    SELECT 'default' AS id, count(DISTINCT r.id)::int AS repositories, count(c.*)::int AS chunks,
      count(DISTINCT (r.id, c.file_path))::int AS files
    FROM repositories r LEFT JOIN code_chunks c ON c.repository_id = r.id`.execute(db);
  await close();
  return {
    projects: rows,
    async copy() {
      const place = `${directory}-${randomUUID()}`;
      await cp(directory, place, { recursive: true });
      return place;
    },
    async expectComplete(dataDirectory) {
      const { db, close } = await open(dataDirectory);
      const { revision, checks } = await checkDatabase(db);
      expect({ revision, findings: checks.flatMap((check) => check.findings) }).toEqual({
        revision: HEAD,
        findings: [],
      });
      expect(await chunkTexts(db)).toBe(before);
      await close();
    },
  };
}
