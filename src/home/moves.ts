// Where a project may be moved to, from each kind of home, and what has to be set for it to be found there.
import { isReference, readConnection } from '../connection-reference.js';
import { fetchFrom, type Installation, type Moved, type Mover, sendTo } from '../database/project-moves.js';
import { CodebaseError } from '../errors.js';
import type { ProjectId } from '../project.js';
import type { Home } from './home.js';
import { cancelJobs } from './project-changes.js';

/** `to`: `embedded`, `server`, `env:NAME` or `file:/path`. `server`: the other end, where the one who asks knows it. */
export interface MoveOrder {
  readonly to: string;
  readonly server?: Omit<Installation, 'foundIn'> | undefined;
}

export type MoveOutcome = Moved & { readonly next: string };

/** From a home that projects share to another installation, or from there to the embedded one. */
export async function moveShared(home: Home, mover: Mover, project: ProjectId, order: MoveOrder): Promise<MoveOutcome> {
  const { to, server } = order;
  if (to === 'embedded' && server !== undefined && home.database.kind === 'embedded') {
    const from = { ...server, foundIn: 'DATABASE_URL' };
    const moved = await home.run(() => fetchFrom(mover, home.database, project, from));
    await home.database.maintain();
    return { ...moved, next: 'Unset DATABASE_URL wherever this project is worked on.' };
  }
  if (!isReference(to) && server === undefined) throw noSuchPlace(to, 'env:NAME or file:/path');
  await home.existing(project);
  await cancelJobs(home, project);
  const installation = { ...(server ?? { url: await readConnection(to) }), foundIn: to };
  const moved = await home.run(() => sendTo(mover, home.database, project, installation));
  await home.database.maintain();
  return { ...moved, next: `Set DATABASE_URL to the URL of ${to} wherever this project is worked on.` };
}

/** A project of a registry: null brings it to the registry's own server. */
export function placeInRegistry(to: string): { readonly connection: string | null; readonly next: string } {
  if (to === 'server') return { connection: null, next: 'Nothing has to be set: it is where DATABASE_URL points to.' };
  if (!isReference(to)) throw noSuchPlace(to, 'server, embedded, env:NAME or file:/path');
  const next = `The registry has only ${to}, not the URL: it must lead to it for every program that uses this project.`;
  return { connection: to, next };
}

function noSuchPlace(to: string, allowed: string): CodebaseError {
  return new CodebaseError('invalid_input', `A project of this index cannot be moved to "${to}"; give ${allowed}.`);
}
