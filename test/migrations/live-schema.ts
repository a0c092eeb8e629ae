// The live schema as text, in the form in which the schemas are committed.
import { type Kysely, sql } from 'kysely';
import { liveSchemaQuery } from '#src/migrations/live-schema.js';

/** One object of `tables` a line, sorted by code point. */
export async function liveSchema(db: Kysely<unknown>, tables: readonly string[]): Promise<string> {
  const { rows } = await sql
    .raw<{ line: string }>(
      `SELECT object || ': ' || definition AS line FROM (${liveSchemaQuery(tables)}) AS live ORDER BY object COLLATE "C"`,
    )
    .execute(db);
  return rows.map(({ line }) => `${line}\n`).join('');
}
