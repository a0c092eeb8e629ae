// What the index tells of the files that are not in it.
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { describeRepositories } from '#src/database/repositories.js';
import { describeEngines, openTestDatabase } from './engines.js';

describeEngines((engine) => {
  test('files that failed are told with what happened, the others by reason, and all are counted', async () => {
    const database = await openTestDatabase(engine);
    try {
      const { db } = database;
      const { id } = await db
        .insertInto('repositories')
        .values({ project_id: 'default', path: '/r', name: 'r' })
        .returning('id')
        .executeTakeFirstOrThrow();
      await sql`
        insert into skipped_files (project_id, repository_id, path, reason, detail)
        select 'default', ${id}, 'bad' || to_char(i, 'FM00') || '.ts', 'failed', 'not finished after 30 s'
        from generate_series(1, 25) as i
        union all values ('default', ${id}::uuid, 'a.png', 'media', null), ('default', ${id}::uuid, 'b.png', 'media', null)`.execute(
        db,
      );
      const [repository] = await describeRepositories(db, {});
      expect(repository).toMatchObject({
        files: 0,
        files_seen: 27,
        skipped: [{ reason: 'media', files: 2, examples: ['a.png', 'b.png'] }],
      });
      expect(repository?.failed).toHaveLength(20);
      expect(repository?.failed[0]).toEqual({ path: 'bad01.ts', message: 'not finished after 30 s' });
    } finally {
      await database.remove();
    }
  });
});
