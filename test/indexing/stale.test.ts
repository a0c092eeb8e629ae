// What makes a search bring a repository up to date: files that changed, and not that somebody removed the repository meanwhile.
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { openEmbedder } from '#src/embedding/open.js';
import { stalePaths } from '#src/indexing/stale.js';
import { describeEngines, openTestDatabase } from '../database/engines.js';

describeEngines((engine) => {
  it('a file that is gone from disk is stale, and nothing is in a repository that was removed', async () => {
    const database = await openTestDatabase(engine);
    const { db } = database.inProject('a');
    const where = { project_id: 'a', path: '/no/such/repository' };
    const { id } = await db
      .insertInto('repositories')
      .values({ ...where, name: 'r' })
      .returning('id')
      .executeTakeFirstOrThrow();
    await sql`INSERT INTO code_files (project_id, repository_id, path) VALUES ('a', ${id}, 'gone.ts')`.execute(db);
    const embedder = await openEmbedder(database.config.embedder);
    const stale = () =>
      stalePaths(db, embedder, { projectId: 'a', repository: where.path, paths: ['gone.ts', 'new.ts'] });
    expect(await stale()).toEqual(['gone.ts', 'new.ts']);
    await db.deleteFrom('repositories').execute();
    expect(await stale()).toEqual([]);
    await database.remove();
  });
});
