// The last resort for an owner that is suspended or stuck: it is killed, which loses nothing that was stored.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Unresponsive } from '../database/holder.js';
import { CodebaseError } from '../errors.js';

/** The process id of the killed owner; throws what is to be done when the process is not certainly one. */
export async function killStuckOwner(unresponsive: Unresponsive): Promise<number> {
  const { holder } = unresponsive;
  if (holder === null || holder.token === null) throw unresponsive;
  const { pid } = holder;
  // Whoever holds the lock wrote this number; in a container or on a network file system it may mean another process here.
  const words = await wordsOf(pid).catch((): string[] => []);
  if (!words.includes('owner')) throw unknownProcess(pid);
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    throw new CodebaseError(
      'permission_denied',
      `Process ${pid}, which holds the index, does not answer and cannot be ended (${(error as NodeJS.ErrnoException).code}); end it from the account that it belongs to.`,
      { cause: error },
    );
  }
  return pid;
}

/** The command line of a process. */
async function wordsOf(pid: number): Promise<readonly string[]> {
  if (process.platform === 'linux') return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
  const { stdout } = await promisify(execFile)('ps', ['-ww', '-o', 'args=', '-p', String(pid)]);
  return stdout.trim().split(/\s+/);
}

function unknownProcess(pid: number): CodebaseError {
  return new CodebaseError(
    'in_use',
    `The index is held by process ${pid}, which does not answer and cannot be seen here to be a codebase-mcp owner; end it where it runs, in its container or on its machine.`,
  );
}
