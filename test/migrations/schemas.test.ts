// The schema of every revision is committed as text, and both engines make exactly that. After changing a revision write the
// texts anew: `npm run build && npx vitest run test/migrations/schemas.test.ts -u`, then build again.
import { type Kysely, sql } from 'kysely';
import { expect, it } from 'vitest';
import { OUR_TABLES } from '#src/migrations/expected-schema.js';
import type { Step } from '#src/migrations/revision.js';
import { CHAIN } from '#src/migrations/revisions.js';
import { VERSION_TABLE } from '#src/migrations/version.js';
import { describeEngines } from './engines.js';
import { liveSchema } from './live-schema.js';

/** The steps alone: the run's own verification would compare with the texts that this test writes. */
async function execute(db: Kysely<unknown>, steps: readonly Step[]): Promise<void> {
  await db.transaction().execute(async (tx) => {
    for (const text of steps.flatMap((step) => step.sql)) await sql.raw(text).execute(tx);
  });
}

async function allTables(db: Kysely<unknown>): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`
    SELECT relname AS name FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND relname <> 'alembic_version' ORDER BY 1`.execute(
    db,
  );
  return rows.map(({ name }) => name);
}

function fileText(revision: string, schema: string): string {
  const text = schema.replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('${', '\\${');
  return `// The schema that ${revision} makes of an empty database, read back from it. Written by test/migrations/schemas.test.ts.
export const SCHEMA = \`${text}\`;
`;
}

describeEngines('the committed schemas', (engine) => {
  it('are what each revision makes, and what its downgrade leaves', async () => {
    const database = await engine.open();
    const { db } = database;
    await sql.raw(VERSION_TABLE).execute(db);
    const made: string[] = [];
    const tables = new Set<string>();
    for (const { revision, upgrade } of CHAIN) {
      await execute(db, upgrade);
      for (const table of await allTables(db)) tables.add(table);
      const schema = await liveSchema(db, [...tables]);
      await expect(fileText(revision, schema)).toMatchFileSnapshot(`../../src/migrations/schemas/${revision}.ts`);
      made.push(schema);
    }
    for (const { downgrade } of [...CHAIN].reverse()) {
      expect(await liveSchema(db, [...tables])).toBe(made.pop());
      await execute(db, downgrade);
    }
    expect(await allTables(db)).toEqual([]);
    expect([...tables].sort()).toEqual(OUR_TABLES);
    await database.close();
  });
});
