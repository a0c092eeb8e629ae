// For whom a connection of the pool speaks: for all projects as the role that connected, or for one project. This is the one
// place that sets a role or a project, so that no statement has to be told.
import type { PoolClient } from 'pg';
import type { WalledRole } from './wall.js';

export interface Speaker {
  /** Null is the role that connected. */
  readonly walled: WalledRole | null;
  /** Null is all of them. */
  readonly project: string | null;
}

export const ALL_PROJECTS: Speaker = { walled: null, project: null };

/** By connection, whom it spoke for last: most statements come from the same project as the one before. */
const last = new WeakMap<PoolClient, string>();

/**
 * Makes a connection speak for somebody. Without `row_security` a role that the policies apply to gets an error where it would
 * be shown only a part: for all projects nothing may be missing, from a backup least of all.
 */
export async function speakFor(client: PoolClient, { walled, project }: Speaker): Promise<void> {
  const key = `${walled?.role} ${project}`;
  if (last.get(client) === key) return;
  last.delete(client);
  await client.query(
    `SELECT set_config('role', $1, false), set_config('row_security', $2, false), set_config('codebase.project_id', $3, false),
      set_config('search_path', coalesce($4, current_setting('search_path')), false)`,
    [walled?.role ?? 'none', project === null ? 'off' : 'on', project ?? '', walled?.searchPath ?? null],
  );
  last.set(client, key);
}
