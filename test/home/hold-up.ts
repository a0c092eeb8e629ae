// Something stopped in the middle: it waits to write to a table that the test holds.
import pg from 'pg';
import { until } from '../owner/processes.js';

export interface Held<T> {
  readonly outcome: Promise<T>;
  /** Lets it go on. */
  go(): Promise<void>;
  /** Ends the session that waits, as if its process had died before it asked: a statement on its own is done otherwise. */
  dismiss(): Promise<void>;
}

/** Starts `work` and waits until it wants to write to the table of the database. */
export async function holdUp<T>(url: string, table: string, work: () => Promise<T>): Promise<Held<T>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`BEGIN; LOCK TABLE ${table} IN SHARE MODE`);
  const outcome = work();
  outcome.catch(() => {});
  // Others wait for a catalogue of the whole server, too, who have nothing to do with this.
  const waiters = async (what: string) => {
    await client.query('SELECT pg_stat_clear_snapshot()'); // a transaction sees the sessions that it saw first
    const { rowCount } = await client.query(
      `SELECT ${what} FROM pg_locks JOIN pg_stat_activity USING (pid)
       WHERE NOT granted AND relation = $1::regclass AND datname = current_database()`,
      [table],
    );
    return rowCount ?? 0;
  };
  await until(async () => (await waiters('pg_locks.pid')) > 0);
  const dismiss = async () => {
    await waiters('pg_terminate_backend(pg_locks.pid)');
    await until(async () => (await waiters('pg_locks.pid')) === 0);
    await client.end();
  };
  return { outcome, go: () => client.end(), dismiss };
}
