// A database that is damaged is set aside under another name, for whoever wants to look at it, and an empty one takes its
// place: the code is the source of truth. What was found is written down first, so that it is done even if the process
// that found it dies; the lock must be held.
//   damaged.txt  what is wrong with pgdata/     damaged-<time>/  the last database that was set aside, with its damaged.txt
import { existsSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DATA, STAMP } from './data-directory.js';

const NOTE = 'damaged.txt';
const ASIDE = /^damaged-\d{8}T\d{9}Z$/;

/** What was set aside when the database was opened. */
export interface SetAside {
  readonly reason: string;
  /** The directory that it is in now. */
  readonly path: string;
}

/** Says that the database is damaged; synchronous, because the process may have to end at once. */
export function condemn(directory: string, reason: string): void {
  writeFileSync(join(directory, NOTE), `${reason}\n`, { mode: 0o600 });
}

/** Sets the database aside if it was said to be damaged, in place of the one that was set aside before; null if it was not. */
export async function setAsideIfCondemned(directory: string): Promise<SetAside | null> {
  const reason = (await readFile(join(directory, NOTE), 'utf8').catch(() => null))?.trim();
  if (reason === undefined) return null;
  const earlier = (await readdir(directory)).filter((name) => ASIDE.test(name)).sort();
  // After a death on the way the files are in a directory already, and the rest follows them.
  const begun = existsSync(join(directory, DATA)) ? undefined : earlier.at(-1);
  const name = begun ?? `damaged-${new Date().toISOString().replaceAll(/[-:.]/g, '')}`;
  const path = join(directory, name);
  await mkdir(path, { recursive: true, mode: 0o700 });
  for (const file of [DATA, STAMP, NOTE]) await rename(join(directory, file), join(path, file)).catch(ifMissing);
  for (const old of earlier) if (old !== name) await rm(join(directory, old), { recursive: true, force: true });
  return { reason, path };
}

function ifMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
