// The program as people get it: packed, unpacked elsewhere, with its production dependencies and nothing else.
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const execute = promisify(execFile);

export interface Packed {
  /** Of the installed package. */
  readonly directory: string;
  readonly remove: () => Promise<void>;
}

/** Installs what `npm pack` makes of the built tree; the lockfile comes along so that npm needs no network. */
export async function installPacked(): Promise<Packed> {
  const temporary = await mkdtemp(join(tmpdir(), 'codebase-mcp-packed-'));
  await execute('npm', ['pack', '--ignore-scripts', '--pack-destination', temporary], { cwd: ROOT });
  const [archive] = await readdir(temporary);
  await execute('tar', ['-xzf', join(temporary, String(archive)), '-C', temporary]);
  const directory = join(temporary, 'package');
  for (const file of ['package-lock.json', '.npmrc']) await copyFile(join(ROOT, file), join(directory, file));
  await execute('npm', ['ci', '--omit=dev', '--ignore-scripts', '--prefer-offline'], { cwd: directory });
  return { directory, remove: () => rm(temporary, { recursive: true, force: true }) };
}
