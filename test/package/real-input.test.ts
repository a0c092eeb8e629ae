// The packed program on real code: it indexes this repository and three third-party source trees, and a real MCP client
// finds known places in them.
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Client } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Job, SearchAnswer, StatusAnswer } from '#src/service.js';
import { freshSetting, run, type Setting } from '../cli/command.js';
import { call, connect } from '../mcp/client.js';
import { installPacked, type Packed, ROOT } from './packed.js';

let packed: Packed;
let trees: string;
let setting: Setting & { remove: () => Promise<void> };
let client: Client;
beforeAll(async () => {
  packed = await installPacked();
  trees = await mkdtemp(join(tmpdir(), 'codebase-mcp-trees-'));
  await copyThis(join(trees, 'codebase-mcp'));
  for (const [name, source] of Object.entries(SOURCES)) {
    await cp(join(ROOT, 'node_modules', source), join(trees, name), { recursive: true });
  }
  setting = await freshSetting(join(trees, 'codebase-mcp'), join(packed.directory, 'dist/cli/main.js'));
  client = await connect(setting, 'legacy');
}, 300_000);
afterAll(async () => {
  await client?.close();
  await setting?.remove();
  await packed?.remove();
  if (trees !== undefined) await rm(trees, { recursive: true, force: true });
});

/** Name → folder in node_modules that holds what people wrote. */
const SOURCES = { zod: 'zod/src', pino: 'pino', commander: 'commander' };

const LEFT_OUT = new Set(['node_modules', 'dist', '.git', 'coverage'].map((name) => join(ROOT, name)));

/** This repository's sources, as a repository of its own. */
async function copyThis(target: string): Promise<void> {
  await cp(ROOT, target, { recursive: true, filter: (source) => !LEFT_OUT.has(source) });
  await promisify(execFile)('git', ['init', '--quiet', target]);
}

interface Known {
  readonly tree: string;
  readonly query: string;
  readonly path: string;
  /** A line that one of the places shown or named must hold. */
  readonly line?: string;
}

const KNOWN: readonly Known[] = [
  { tree: 'codebase-mcp', query: 'end the process when Ctrl-C arrives a second time', path: 'src/cli/signals.ts' },
  { tree: 'codebase-mcp', query: 'parseRequest', path: 'src/requests.ts', line: 'export function parseRequest' },
  { tree: 'zod', query: 'convert a schema to JSON schema', path: 'v4/core/to-json-schema.ts' },
  { tree: 'zod', query: 'rfc5322Email', path: 'v4/core/regexes.ts', line: 'export const rfc5322Email' },
  { tree: 'pino', query: 'redact sensitive keys from log lines', path: 'lib/redaction.js' },
  { tree: 'pino', query: 'genLsCache', path: 'lib/levels.js', line: 'function genLsCache' },
  {
    tree: 'commander',
    query: 'suggest a similar command name by edit distance',
    path: 'lib/suggestSimilar.js',
    line: 'function suggestSimilar(',
  },
];

test.each(['codebase-mcp', ...Object.keys(SOURCES)])(
  '%s is indexed without a failure',
  async (tree) => {
    let job: Job | undefined = Job.parse(
      (await call(client, 'index_repository', { path: join(trees, tree) })).structured,
    );
    while (job?.state === 'running') {
      const { structured } = await call(client, 'get_indexing_status', { job_id: job.job_id });
      job = StatusAnswer.parse(structured).jobs[0];
    }
    expect(job).toMatchObject({ state: 'completed', error: null, report: { failed: [] } });
    expect(job?.report?.files).toBeGreaterThan(10);
  },
  300_000,
);

test.each(KNOWN)('$tree: “$query” finds $path', async ({ tree, query, path, line }) => {
  const repository = join(trees, tree);
  const { structured } = await call(client, 'search_code', { query, repository, limit: 5 });
  const { results } = SearchAnswer.parse(structured);
  expect(results.map((result) => result.path)).toContain(path);
  if (line === undefined) return;
  const lines = (await readFile(join(repository, path), 'utf8')).split('\n');
  const number = lines.findIndex((candidate) => candidate.includes(line)) + 1;
  const places = results.filter((result) => result.path === path).flatMap((result) => [result, ...result.more]);
  expect(places.filter((place) => place.start_line <= number && number <= place.end_line)).toHaveLength(1);
});

test('the same index answers on the command line after the client has gone', async () => {
  await client.close();
  const { code, stdout, stderr } = await run(setting, 'search', 'level filter', '--repository', join(trees, 'pino'));
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('lib/levels.js:');
});
