// HTTP: many clients of one server at once; how long a search takes them, and what the server's memory does meanwhile.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ownerStatus, stopOwner } from '#src/owner/control.js';
import { makeCorpus } from './corpus.js';
import { connect, type SearchClient } from './http-client.js';
import { percentile, printTable } from './table.js';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const FILES = 300;
const QUERIES = [
  'parse command line arguments',
  'escape html characters',
  'createServer',
  'format a date',
  'hash table',
];
const MEMORY_EVERY_MS = 2000;
/** Readings of the memory that are shown, evenly over the time. */
const READINGS = 12;

/** `clients` `searches`: 200 and 20,000. Interrupted, it ends with a table of what there was by then. */
export async function run([clients = '200', searches = '20000']: readonly string[]): Promise<void> {
  const corpus = await makeCorpus(FILES);
  const dataDir = await mkdtemp(join(tmpdir(), 'codebase-mcp-bench-'));
  const env = {
    ...process.env,
    CODEBASE_MCP_DATA_DIR: dataDir,
    CODEBASE_MCP_LOG_FILE: join(dataDir, '..', 'bench-http.log'),
  };
  const args = [MAIN, 'serve', '--http', '127.0.0.1:0', '--repository', corpus.path];
  // In a group of its own: a Ctrl-C is for the measurement.
  const server = spawn(process.execPath, args, { env, detached: true });
  const interruption = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interruption.abort());
  try {
    const url = await urlOf(server);
    const options = { clients: Number(clients), searches: Number(searches), signal: interruption.signal };
    printTable(`${clients} clients of both eras, searches of ${FILES} files over HTTP, embedded engine`, COLUMNS, [
      await measure(url, dataDir, corpus.path, options),
    ]);
  } finally {
    server.kill('SIGTERM');
    if (server.exitCode === null) await once(server, 'exit');
    await stopOwner(dataDir);
    await Promise.all([dataDir, corpus.path].map((path) => rm(path, { recursive: true, force: true })));
  }
}

const COLUMNS = [
  ...['searches', 'searches/s', 'p50 ms', 'p95 ms', 'p99 ms', 'max ms', 'errors', 'server MB', 'owner MB'],
  ...['server CPU s', 'clients CPU s'],
];

async function urlOf({ stderr }: ChildProcess): Promise<URL> {
  let seen = '';
  for await (const text of stderr ?? []) {
    seen += text;
    const [, url] = / at (\S+)\n/.exec(seen) ?? [];
    if (url !== undefined) return new URL(url);
  }
  throw new Error(`the server ended: ${seen}`);
}

interface Options {
  readonly clients: number;
  readonly searches: number;
  /** Aborted: what is asked is waited for, and nothing more is asked. */
  readonly signal: AbortSignal;
}

/** One row of the table. */
async function measure(
  url: URL,
  dataDir: string,
  repository: string,
  { clients, searches, signal }: Options,
): Promise<string[]> {
  const connected = await Promise.all(Array.from({ length: clients }, (_, n) => connect(url, n % 2 === 0)));
  if (!(await connected[0]?.search('index first', repository))) throw new Error('the first search failed');
  const memory = [await memoryOf(url, dataDir)];
  const times: number[] = [];
  let errors = 0;
  let next = 0;
  const cpuBefore = process.cpuUsage();
  const started = performance.now();
  const work = async (client: SearchClient): Promise<void> => {
    for (let n = next++; n < searches && !signal.aborted; n = next++) {
      const asked = performance.now();
      const found = await client.search(QUERIES[n % QUERIES.length] as string, repository).catch(() => false);
      times.push(performance.now() - asked);
      if (!found) errors++;
    }
  };
  const reading = setInterval(async () => memory.push(await memoryOf(url, dataDir)), MEMORY_EVERY_MS);
  await Promise.all(connected.map(work));
  clearInterval(reading);
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  memory.push(await memoryOf(url, dataDir));
  const cpu = await metric(url, 'process_cpu_seconds_total');
  for (const client of connected) client.close();
  const at = (share: number): string => percentile(times, share).toFixed(0);
  const shown = memory.filter((_, n) => n === memory.length - 1 || n % Math.ceil(memory.length / READINGS) === 0);
  const course = (of: 0 | 1): string => shown.map((reading) => reading[of].toFixed(0)).join(' ');
  const latencies = [at(0.5), at(0.95), at(0.99), at(1)];
  const spent = [cpu.toFixed(0), ((user + system) / 1e6).toFixed(0)];
  return [
    `${times.length}`,
    (times.length / seconds).toFixed(0),
    ...latencies,
    `${errors}`,
    course(0),
    course(1),
    ...spent,
  ];
}

/** Megabytes of the server and of the owner of its database; NaN of one that does not answer. */
async function memoryOf(url: URL, dataDir: string): Promise<readonly [number, number]> {
  const bytes = await metric(url, 'process_resident_memory_bytes');
  return [bytes / 1e6, (await ownerStatus(dataDir).catch(() => null))?.memory_mb ?? Number.NaN];
}

async function metric(url: URL, name: string): Promise<number> {
  const text = await fetch(new URL('/metrics', url)).then(
    (answer) => answer.text(),
    () => '',
  );
  return Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1]);
}
