// Start-up: what a person and a client wait for before anything useful happens, on the built program.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stopOwner } from '#src/owner/control.js';
import { percentile, printTable } from './table.js';

const ROUNDS = 15;
const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'bench', version: '0' } },
};

export async function run(): Promise<void> {
  const data = await mkdtemp(join(tmpdir(), 'codebase-mcp-bench-'));
  try {
    const empty = (round: number): string => join(data, `empty${round}`);
    const used = join(data, 'used');
    await finished(['status'], used);
    const rows = [
      await row('--help', () => finished(['--help'], used)),
      await row('MCP: start to the answer of initialize', () => initialized(used)),
      await row('MCP: closed stdin to the end of the process', () => closed(used)),
      await row('status, new data directory', (round) => finished(['status'], empty(round))),
      await row('status, database open already', () => finished(['status'], used)),
    ];
    printTable('Start-up, whole process', ['what', 'p50 ms', 'p95 ms'], rows);
  } finally {
    for (const directory of await readdir(data)) await stopOwner(join(data, directory));
    await rm(data, { recursive: true, force: true });
  }
}

async function row(what: string, measure: (round: number) => Promise<number>): Promise<string[]> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) times.push(await measure(round));
  return [what, percentile(times, 0.5).toFixed(0), percentile(times, 0.95).toFixed(0)];
}

function start(args: readonly string[], dataDirectory: string): ChildProcess {
  const env = { ...process.env, CODEBASE_MCP_DATA_DIR: dataDirectory, CODEBASE_MCP_OWNER_IDLE_SECONDS: '1' };
  return spawn(process.execPath, [MAIN, ...args], { cwd: REPOSITORY, env, stdio: ['pipe', 'pipe', 'ignore'] });
}

async function finished(args: readonly string[], dataDirectory: string): Promise<number> {
  const started = performance.now();
  const child = start(args, dataDirectory);
  child.stdout?.resume();
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`codebase-mcp ${args.join(' ')} ended with ${code}`);
  return performance.now() - started;
}

async function initialized(dataDirectory: string): Promise<number> {
  const started = performance.now();
  const child = await initialize(dataDirectory);
  const milliseconds = performance.now() - started;
  child.stdin?.end();
  await once(child, 'close');
  return milliseconds;
}

async function closed(dataDirectory: string): Promise<number> {
  const child = await initialize(dataDirectory);
  const started = performance.now();
  child.stdin?.end();
  await once(child, 'close');
  return performance.now() - started;
}

async function initialize(dataDirectory: string): Promise<ChildProcess> {
  const child = start(['mcp'], dataDirectory);
  child.stdin?.write(`${JSON.stringify(INITIALIZE)}\n`);
  if (child.stdout !== null) await once(child.stdout, 'data');
  return child;
}
