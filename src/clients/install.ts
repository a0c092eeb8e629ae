// Adds this server to the configurations of coding assistants, or takes it out: planned first, then written whole or not at all,
// with a copy of what was there.
import { copyFile, mkdir, readFile, realpath, rename, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Client, type Launch, type Place, SERVER_NAME } from './clients.js';
import { withEntry } from './edit.js';

export type Change = 'add' | 'update' | 'remove' | 'none';

export interface Plan {
  readonly client: Client;
  readonly file: string;
  readonly change: Change;
  /** Null when there is no file yet. */
  readonly before: string | null;
  readonly after: string;
}

/** What would be written. `launch`: undefined takes the server out. */
export async function plan(client: Client, place: Place, launch: Launch | undefined): Promise<Plan> {
  const named = client.file(place);
  const file = await realpath(named).catch(() => named); // a link to a folder of dotfiles stays a link
  const before = await readFile(file, 'utf8').catch(missing);
  const entry = (value: Record<string, unknown> | undefined) => ({
    path: [client.servers, SERVER_NAME] as const,
    value,
  });
  const text = before ?? '';
  const without = before === null ? text : withEntry(client.format, file, text, entry(undefined));
  const after =
    launch === undefined ? without : withEntry(client.format, file, text, entry({ ...client.entry(launch) }));
  const there = without !== text;
  const change = after === text ? 'none' : launch === undefined ? 'remove' : there ? 'update' : 'add';
  return { client, file, change, before, after };
}

/** Writes the plan. Answers with the path of the copy of what was there; null when there was nothing, or nothing changes. */
export async function carryOut({ file, before, after, change }: Plan): Promise<string | null> {
  if (change === 'none') return null;
  await mkdir(dirname(file), { recursive: true });
  const backup = before === null ? null : `${file}.codebase-mcp-backup`;
  if (backup !== null) await copyFile(file, backup);
  const mode = before === null ? 0o600 : (await stat(file)).mode;
  const next = `${file}.codebase-mcp-new`;
  await writeFile(next, after, { mode });
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

function missing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}
