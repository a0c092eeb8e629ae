// The lock that keeps programs that change the schema, back it up or restore it apart.
import { type Kysely, sql } from 'kysely';

/** Key of a PostgreSQL advisory lock; the number is arbitrary and must never change. */
export const ADVISORY_LOCK = 7_301_994_021;

/** Takes the lock until the end of the transaction. */
export const TAKE_LOCK = `SELECT pg_advisory_xact_lock(${ADVISORY_LOCK})`;

/** Words for the sessions that hold the lock; null when nobody does. */
export async function lockHolder<DB>(db: Kysely<DB>): Promise<string | null> {
  const { rows } = await sql<{ holder: string | null }>`
    SELECT string_agg(format('process %s of %s (%s, since %s)', pid, coalesce(usename, 'another role'),
      coalesce(nullif(application_name, ''), 'unnamed'), to_char(xact_start, 'HH24:MI:SS')), ', ') AS holder
    FROM pg_locks LEFT JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND granted AND pid <> pg_backend_pid() AND objsubid = 1
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND (classid::bigint << 32) | objid::bigint = ${sql.lit(ADVISORY_LOCK)}`.execute(db);
  return rows[0]?.holder ?? null;
}

/**
 * Lets a Linux server notice within a second that the client has gone, also during a long statement; otherwise it would
 * finish the statement first and hold every lock until then.
 */
export const NOTICE_A_LOST_CLIENT =
  "SELECT set_config('client_connection_check_interval', '1s', true) WHERE version() LIKE '%-linux-%'";
