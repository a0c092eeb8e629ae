// The cost of a file does not grow with the index: no statement of a batch reads a whole table or index, which
// PostgreSQL counts itself.
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadConfig } from '#src/config.js';
import type { Database } from '#src/database/database.js';
import { openEmbedder } from '#src/embedding/open.js';
import { claimJob } from '#src/indexing/job-rows.js';
import { Lanes } from '#src/indexing/lanes.js';
import { indexRepository } from '#src/indexing/run.js';
import { countFiles } from '#src/search/candidates.js';
import type { IndexReport } from '#src/service.js';
import { makeRepository, type TestRepository } from '../app/repository.js';
import { openTestDatabase, type TestDatabase } from '../database/engines.js';

const FILES = 400;
const TABLES = ['code_files', 'code_chunks', 'chunk_embeddings', 'file_embeddings'] as const;
const { embedder: embedderConfig } = loadConfig({}, {});
const lanes = new Lanes(embedderConfig);

let database: TestDatabase;
let repository: TestRepository;
beforeAll(async () => {
  const text = Array.from({ length: 60 }, (_, i) => `export function value${i}() {\n  return ${i};\n}\n`).join('\n');
  repository = await makeRepository(
    Object.fromEntries(Array.from({ length: FILES }, (_, i) => [`src/f${i}.ts`, `// ${i}\n${text}`])),
  );
  database = await openTestDatabase('embedded');
});
afterAll(async () => {
  await lanes.close();
  await database.remove();
  await repository.remove();
});

it('reads few rows for each that it writes, in a first run and when one file has changed', async () => {
  const first = await index();
  expect(first).toMatchObject({ files: FILES });
  expect(first.chunks).toBeGreaterThan(FILES);
  await expectFewRowsRead();
  await repository.write({ 'src/f7.ts': 'export const seven = 7;\n' });
  expect(await index()).toMatchObject({ files_changed: 1 });
  await expectFewRowsRead();
});

/** A run asks which files are known and how many there are, and an index is read to find a row again. */
async function expectFewRowsRead(): Promise<void> {
  await sql`SELECT pg_stat_force_next_flush()`.execute(database.db);
  const { rows } = await sql<{ name: string; read: number; rows: number }>`
    SELECT t.relname AS name, t.n_tup_ins::int AS rows,
      (t.seq_tup_read + (SELECT sum(i.idx_tup_read) FROM pg_stat_user_indexes i WHERE i.relid = t.relid))::int AS read
    FROM pg_stat_user_tables t WHERE t.relname = ANY (${TABLES}::text[])`.execute(database.db);
  expect(rows).toHaveLength(TABLES.length);
  for (const { name, read, rows: written } of rows) expect.soft(read, name).toBeLessThanOrEqual(4 * written);
}

it('leaves a search in the middle of a first run to the index of terms, although there are no statistics yet', async () => {
  const fresh = await openTestDatabase('embedded');
  try {
    await index({ ...fresh, maintain: async () => {} });
    const reads = async () => {
      await sql`SELECT pg_stat_force_next_flush()`.execute(fresh.db);
      const { rows } = await sql<{ tables: number; terms: number }>`
        SELECT t.seq_scan::int AS tables, i.idx_scan::int AS terms
        FROM pg_stat_user_tables t JOIN pg_stat_user_indexes i USING (relid)
        WHERE t.relname = 'code_files' AND i.indexrelname = 'idx_code_files_terms'`.execute(fresh.db);
      return rows[0] ?? { tables: 0, terms: 0 };
    };
    const before = await reads();
    const terms = ['value8', 'value9', 'return'];
    const repositories = await fresh.db.selectFrom('repositories').select('id').execute();
    const repositoryIds = repositories.map(({ id }) => id);
    const scope = { projectId: 'default', repositoryIds, paths: null, languages: [] };
    // The test before left one file without them.
    expect(await countFiles(fresh.inProject('default').db, scope, terms)).toEqual(
      new Map(terms.map((term) => [term, FILES - 1])),
    );
    expect(await reads()).toEqual({ tables: before.tables, terms: before.terms + terms.length });
  } finally {
    await fresh.remove();
  }
});

async function index(into: Database = database): Promise<IndexReport> {
  const { job } = await claimJob(into.inProject('default'), 'default', repository.path);
  const report = await indexRepository({
    database: into.inProject('default'),
    embedder: await openEmbedder(embedderConfig),
    lanes,
    projectId: 'default',
    jobId: job.job_id,
    root: repository.path,
    signal: new AbortController().signal,
    onProgress: () => {},
  });
  await sql`UPDATE index_jobs SET state = 'completed' WHERE id = ${job.job_id}`.execute(into.allProjects);
  return report;
}
