// What the tables of search promise by themselves: rows go with their file, and a vector of any supported length stays in its row.
import { expect, it } from 'vitest';
import { upgrade } from '#src/migrations/runner.js';
import { describeEngines, rows, type TestDatabase } from './engines.js';

const R = '00000000-0000-4000-8000-000000000001';
const LONGEST_PROJECT = 'p'.repeat(50);

async function oneFile({ db }: TestDatabase, dimensions: number): Promise<void> {
  await upgrade(db);
  const project = `'${LONGEST_PROJECT}'`;
  for (const statement of [
    `INSERT INTO repositories (id, project_id, path, name) VALUES ('${R}', ${project}, '/r', 'r')`,
    `INSERT INTO code_files (id, project_id, repository_id, path) VALUES (1, ${project}, '${R}', 'a.ts')`,
    `INSERT INTO code_chunks (project_id, repository_id, file_id, ordinal, file_path, content, start_line, end_line)
      VALUES (${project}, '${R}', 1, 0, 'a.ts', 'x', 1, 1)`,
    `INSERT INTO embedding_models (id, provider, model, dimensions) VALUES (1, 'any', 'any', ${dimensions})`,
    `INSERT INTO chunk_embeddings SELECT ${project}, '${R}', 1, 0, 1, array_agg(random())::vector FROM generate_series(1, ${dimensions})`,
    `INSERT INTO file_embeddings SELECT ${project}, '${R}', 1, 1, aspect, array_agg(random())::vector
      FROM generate_series(1, ${dimensions}), unnest(ARRAY['content', 'path']) AS aspect GROUP BY aspect`,
    `INSERT INTO skipped_files VALUES (${project}, '${R}', 'b.bin', 'binary')`,
  ]) {
    await rows(db, statement);
  }
}

const counts = ({ db }: TestDatabase) =>
  rows(
    db,
    `SELECT (SELECT count(*)::int FROM code_files) AS files, (SELECT count(*)::int FROM code_chunks) AS chunks,
      (SELECT count(*)::int FROM chunk_embeddings) AS chunk_vectors, (SELECT count(*)::int FROM file_embeddings) AS file_vectors,
      (SELECT count(*)::int FROM skipped_files) AS skipped`,
  );

describeEngines('the tables of search', (engine) => {
  it('hold vectors of 2,000 dimensions in the row itself, and refuse a longer model by name', async () => {
    const database = await engine.open();
    await oneFile(database, 2000);
    const outside = `SELECT sum(pg_relation_size(reltoastrelid))::int AS bytes FROM pg_class
      WHERE relname IN ('chunk_embeddings', 'file_embeddings') AND reltoastrelid <> 0`;
    expect([{ bytes: 0 }, { bytes: null }]).toContainEqual((await rows(database.db, outside))[0]);
    await expect(
      rows(database.db, "INSERT INTO embedding_models (provider, model, dimensions) VALUES ('any', 'huge', 2001)"),
    ).rejects.toMatchObject({ code: '23514', constraint: 'check_embedding_models_dimensions' });
    await database.close();
  });

  it('lose what belongs to a file with the file', async () => {
    const database = await engine.open();
    await oneFile(database, 3);
    await rows(database.db, 'DELETE FROM code_files');
    expect(await counts(database)).toEqual([{ files: 0, chunks: 0, chunk_vectors: 0, file_vectors: 0, skipped: 1 }]);
    await database.close();
  });

  it('lose everything of a repository with the repository', async () => {
    const database = await engine.open();
    await oneFile(database, 3);
    await rows(database.db, 'DELETE FROM repositories');
    expect(await counts(database)).toEqual([{ files: 0, chunks: 0, chunk_vectors: 0, file_vectors: 0, skipped: 0 }]);
    await database.close();
  });

  it('keep a chunk, a file and a repository in one project', async () => {
    const database = await engine.open();
    await oneFile(database, 3);
    for (const table of ['code_files', 'code_chunks', 'repositories']) {
      await expect(rows(database.db, `UPDATE ${table} SET project_id = 'other'`), table).rejects.toMatchObject({
        code: '23503',
      });
    }
    await database.close();
  });
});
