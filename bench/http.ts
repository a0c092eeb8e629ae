// HTTP: many clients of one server at once; how long a search takes them, and what the server's memory does meanwhile.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { ownerStatus, stopOwner } from '#src/owner/control.js';
import { makeCorpus } from './corpus.js';
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
/** Memory is read this many times on the way. */
const READINGS = 10;

/** `clients` `searches`: 200 and 20,000. */
export async function run([clients = '200', searches = '20000']: readonly string[]): Promise<void> {
  const corpus = await makeCorpus(FILES);
  const dataDir = await mkdtemp(join(tmpdir(), 'codebase-mcp-bench-'));
  const env = {
    ...process.env,
    CODEBASE_MCP_DATA_DIR: dataDir,
    CODEBASE_MCP_LOG_FILE: join(dataDir, '..', 'bench-http.log'),
  };
  const server = spawn(process.execPath, [MAIN, 'serve', '--http', '127.0.0.1:0', '--repository', corpus.path], {
    env,
  });
  try {
    const url = await urlOf(server);
    printTable(
      `${clients} clients of both eras, ${searches} searches of ${FILES} files over HTTP, embedded engine`,
      ['searches/s', 'p50 ms', 'p95 ms', 'p99 ms', 'errors', 'server MB', 'owner MB', 'CPU s'],
      [await measure(url, dataDir, corpus.path, Number(clients), Number(searches))],
    );
  } finally {
    server.kill('SIGTERM');
    await once(server, 'exit');
    await stopOwner(dataDir);
    await Promise.all([dataDir, corpus.path].map((path) => rm(path, { recursive: true, force: true })));
  }
}

async function urlOf({ stderr }: ChildProcess): Promise<URL> {
  let seen = '';
  for await (const text of stderr ?? []) {
    seen += text;
    const [, url] = / at (\S+)\n/.exec(seen) ?? [];
    if (url !== undefined) return new URL(url);
  }
  throw new Error(`the server ended: ${seen}`);
}

async function measure(
  url: URL,
  dataDir: string,
  repository: string,
  clients: number,
  searches: number,
): Promise<string[]> {
  const connected = await Promise.all(Array.from({ length: clients }, (_, n) => connect(url, n % 2 === 0)));
  const search = (client: Client, query: string) =>
    client.callTool({ name: 'search_code', arguments: { query, repository } });
  const first = await search(connected[0] as Client, 'index first');
  if (first.isError) throw new Error(JSON.stringify(first.content));
  const memory: (readonly [number, number])[] = [];
  const times: number[] = [];
  let errors = 0;
  let next = 0;
  const started = performance.now();
  const work = async (client: Client): Promise<void> => {
    for (let n = next++; n < searches; n = next++) {
      if (n % Math.ceil(searches / READINGS) === 0) memory.push(await memoryOf(url, dataDir));
      const asked = performance.now();
      const answer = await search(client, QUERIES[n % QUERIES.length] as string).catch(() => ({ isError: true }));
      times.push(performance.now() - asked);
      if (answer.isError) errors++;
    }
  };
  await Promise.all(connected.map(work));
  const seconds = (performance.now() - started) / 1000;
  memory.push(await memoryOf(url, dataDir));
  const cpu = await metric(url, 'process_cpu_seconds_total');
  await Promise.all(connected.map((client) => client.close()));
  const at = (share: number): string => percentile(times, share).toFixed(0);
  const course = (of: 0 | 1): string => memory.map((reading) => reading[of].toFixed(0)).join(' ');
  return [
    (searches / seconds).toFixed(0),
    at(0.5),
    at(0.95),
    at(0.99),
    String(errors),
    course(0),
    course(1),
    cpu.toFixed(0),
  ];
}

async function connect(url: URL, modern: boolean): Promise<Client> {
  const mode = modern ? ({ pin: '2026-07-28' } as const) : 'legacy';
  const client = new Client({ name: 'bench', version: '0' }, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(url));
  return client;
}

/** Megabytes of the server and of the owner of its database. */
async function memoryOf(url: URL, dataDir: string): Promise<readonly [number, number]> {
  const bytes = await metric(url, 'process_resident_memory_bytes');
  return [bytes / 1e6, (await ownerStatus(dataDir))?.memory_mb ?? Number.NaN];
}

async function metric(url: URL, name: string): Promise<number> {
  const text = await (await fetch(new URL('/metrics', url))).text();
  return Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1]);
}
