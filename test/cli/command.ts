// Runs the built command line as a person would: a process of its own, with a data directory of its own.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stopOwner } from '#src/owner/control.js';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Setting {
  readonly main: string;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Who runs it, when not the user of the tests. */
  readonly uid?: number;
  readonly gid?: number;
}

/** A data directory and log files that no other test uses, and how to remove them. */
export async function freshSetting(cwd = tmpdir(), main = MAIN): Promise<Setting & { remove: () => Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'codebase-mcp-test-'));
  const { DATABASE_URL: _, ...inherited } = process.env;
  const env = {
    ...inherited,
    CODEBASE_MCP_DATA_DIR: join(directory, 'data'),
    CODEBASE_MCP_LOG_FILE: join(directory, 'codebase-mcp.log'),
    CODEBASE_MCP_MIGRATION_LOG_FILE: join(directory, 'migration.log'),
    CODEBASE_MCP_OWNER_IDLE_SECONDS: '5',
  };
  const remove = async () => {
    await stopOwner(env.CODEBASE_MCP_DATA_DIR);
    await rm(directory, { recursive: true, force: true });
  };
  return { main, cwd, env, remove };
}

export function start(setting: Setting, ...args: readonly string[]): ChildProcessWithoutNullStreams {
  const { main, ...options } = setting;
  return spawn(process.execPath, [main, ...args], { ...options, stdio: 'pipe' });
}

export async function run(setting: Setting, ...args: readonly string[]): Promise<Outcome> {
  const child = start(setting, ...args);
  child.stdin.end();
  return outcome(child);
}

export async function outcome(child: ChildProcessWithoutNullStreams): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}
