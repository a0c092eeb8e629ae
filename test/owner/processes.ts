// What the tests of the owner look at: which process holds a data directory, whether a process lives, what was logged.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Setting } from '../cli/command.js';

/** The process that says it holds the data directory, or null. */
export async function ownerPid({ env }: Setting): Promise<number | null> {
  const text = await readFile(join(String(env['CODEBASE_MCP_DATA_DIR']), 'owner.json'), 'utf8').catch(() => null);
  return text === null ? null : (JSON.parse(text) as { pid: number }).pid;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits until it holds; the test's own time limit ends the waiting. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(20);
}

/** Messages in the log, oldest first. */
export async function logged({ env }: Setting): Promise<readonly string[]> {
  const lines = (await readFile(String(env['CODEBASE_MCP_LOG_FILE']), 'utf8')).trimEnd().split('\n');
  return lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
}

export async function killOwner(setting: Setting): Promise<void> {
  const pid = await ownerPid(setting);
  if (pid === null) throw new Error('nobody holds the data directory');
  process.kill(pid, 'SIGKILL');
  await until(() => !isAlive(pid));
}
