// The time limit of `db upgrade` and `db downgrade` on the embedded engine, which cannot cancel a statement: it is stopped
// altogether, and rolls back when it is opened next.
import type { Connection } from '../database/database.js';

/** The runner stops between statements by itself; this is for a statement that outlasts the limit. */
const GRACE_MS = 500;

export async function withinTime<T>(connection: Connection, limitMs: number, work: () => Promise<T>): Promise<T> {
  if (connection.kind === 'server') return await work();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    void connection.close();
  }, limitMs + GRACE_MS);
  try {
    return await work();
  } catch (error) {
    if (!late) throw error;
    const { CodebaseError } = await import('../errors.js');
    throw new CodebaseError(
      'timeout',
      `The ${limitMs / 1000} s given are over and everything was rolled back; give it longer with --timeout.`,
      { cause: error },
    );
  } finally {
    clearTimeout(timer);
  }
}
