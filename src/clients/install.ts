// Adds this server to the configurations of coding assistants, or takes it out: planned first, then written whole or not at all,
// with a copy of what was there.
import { chmod, copyFile, mkdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CodebaseError } from '../errors.js';
import { type Client, type Launch, type Place, SERVER_NAME } from './clients.js';
import { entryOf, withEntry } from './edit.js';

export type Change = 'add' | 'update' | 'remove' | 'none';

export interface Plan {
  readonly client: Client;
  readonly file: string;
  readonly change: Change;
  /** Null when there is no file yet. */
  readonly before: string | null;
  /** Null when there is to be none. */
  readonly after: string | null;
}

/** What would be written. `launch`: undefined takes the server out. */
export async function plan(client: Client, place: Place, launch: Launch | undefined): Promise<Plan> {
  const named = client.file(place);
  const file = await realpath(named).catch(() => named); // a link to a folder of dotfiles stays a link
  const before = await readFile(file, 'utf8').catch(missing(file));
  const entry = (value: Record<string, unknown> | undefined) => ({
    path: [client.servers, SERVER_NAME] as const,
    value,
  });
  const text = before ?? '';
  if (launch === undefined && before !== null) {
    const was = await beforeInstall(client, file, before);
    if (was !== undefined) return { client, file, change: 'remove', before, after: was };
  }
  const without = before === null ? text : withEntry(client.format, file, text, entry(undefined));
  const after =
    launch === undefined ? without : withEntry(client.format, file, text, entry({ ...client.entry(launch) }));
  const there = without !== text;
  const change = after === text ? 'none' : launch === undefined ? 'remove' : there ? 'update' : 'add';
  return { client, file, change, before, after };
}

/** What was there before `install`, when nothing else has changed since: null for no file, undefined when it cannot be known. */
async function beforeInstall(client: Client, file: string, text: string): Promise<string | null | undefined> {
  const path = [client.servers, SERVER_NAME] as const;
  const value = entryOf(client.format, file, text, path);
  if (value === undefined) return undefined;
  const backup = await readFile(backupOf(file), 'utf8').catch(missing(backupOf(file)));
  const same = (was: string) => withEntry(client.format, file, was, { path, value }) === text;
  if (backup !== null && entryOf(client.format, file, backup, path) === undefined && same(backup)) return backup;
  return same('') ? null : undefined;
}

const backupOf = (file: string) => `${file}.codebase-mcp-backup`;

/** Writes the plan. Answers with the path of the copy of what was there; null when there was nothing, or nothing changes. */
export async function carryOut(plan: Plan): Promise<string | null> {
  return plan.change === 'none'
    ? null
    : write(plan).catch((error: NodeJS.ErrnoException) => {
        throw unusable(plan.file, 'written', error);
      });
}

async function write({ file, before, after }: Plan): Promise<string | null> {
  if (after === null) {
    await rm(file);
    return null;
  }
  await mkdir(dirname(file), { recursive: true });
  const backup = before === null ? null : backupOf(file);
  if (backup !== null) await copyFile(file, backup);
  const mode = before === null ? 0o600 : (await stat(file)).mode;
  const next = `${file}.codebase-mcp-new`;
  await writeFile(next, after, { mode });
  await chmod(next, mode); // whatever the umask
  await rename(next, file);
  return backup;
}

/** Does the client seem to be installed? */
export async function isThere(client: Client, place: Place): Promise<boolean> {
  const [directory, file] = await Promise.all(
    [client.directory(place), client.file(place)].map((path) => stat(path).catch(() => null)),
  );
  return directory !== null || file !== null;
}

const missing =
  (file: string) =>
  (error: NodeJS.ErrnoException): null => {
    if (error.code === 'ENOENT') return null;
    throw unusable(file, 'read', error);
  };

function unusable(file: string, what: 'read' | 'written', cause: NodeJS.ErrnoException): CodebaseError {
  return new CodebaseError(
    'permission_denied',
    `${file} cannot be ${what} (${cause.code}); nothing was changed in it.`,
    {
      cause,
    },
  );
}
