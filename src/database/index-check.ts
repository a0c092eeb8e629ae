// Do the indexes of the database agree with themselves? Asked after a process died in the middle of its work.
import { type Kysely, sql } from 'kysely';

const CHECKS: Readonly<Record<string, string>> = { btree: 'bt_index_check', gin: 'gin_index_check' };

/** Throws PostgreSQL's error for the first index that is damaged. The engine must have been started with amcheck. */
export async function checkIndexes(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<{ name: string; method: string }>`
    select c.oid::regclass::text as name, a.amname as method
    from pg_class c join pg_am a on a.oid = c.relam join pg_index i on i.indexrelid = c.oid
    where c.relnamespace = 'public'::regnamespace and i.indisvalid and a.amname = any(${Object.keys(CHECKS)}::text[])`.execute(
    db,
  );
  // The extension is no part of the schema: it goes with the transaction.
  const rollback = new Error();
  const work = db.transaction().execute(async (tx) => {
    await sql`create extension amcheck`.execute(tx);
    for (const { name, method } of rows)
      await sql`select ${sql.raw(`${CHECKS[method]}`)}(${name}::regclass)`.execute(tx);
    throw rollback;
  });
  await work.catch((error: unknown) => {
    if (error !== rollback) throw error;
  });
}
