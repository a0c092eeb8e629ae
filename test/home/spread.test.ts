// scripts/spread.sh as an operator runs it: projects of one server spread over two real ones, by the command line alone.
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { run } from '../cli/command.js';
import { freshShop } from '../cli/shop.js';
import { databasesOf, makeServerDatabase, query, SERVER_URL } from '../database/engines.js';
import { BOX, HAS_POSTGRES, startPrivateServer } from '../database/private-server.js';

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

test.skipIf(SERVER_URL === undefined || !HAS_POSTGRES)('spreads projects over two servers, and again', async () => {
  const { config, remove } = await makeServerDatabase({});
  undo.push(remove);
  const second = await startPrivateServer();
  undo.push(() => second.remove());
  const { setting } = await freshShop();
  undo.push(setting.remove);
  const directory = await mkdtemp(join(tmpdir(), 'codebase-mcp-spread-'));
  undo.push(() => rm(directory, { recursive: true, force: true }));
  const url = config.databaseUrl ?? '';
  await mkdir(join(directory, 'bin'));
  const program = async (name: string, command: string) =>
    await writeFile(join(directory, 'bin', name), `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o755 });
  await program('codebase-mcp', `"${process.execPath}" "${setting.main}"`);
  await program('psql', `env PGBOX="${BOX}" "${join(process.cwd(), 'scripts/postgres.sh')}" psql`);
  const env = { ...setting.env, DATABASE_URL: url, PATH: `${join(directory, 'bin')}:${process.env['PATH']}` };
  const here = { ...setting, env };
  const suffix = randomUUID().slice(0, 8);
  const [stays, one, two] = ['stays', 'one', 'two'].map((name) => `${name}-${suffix}`) as [string, string, string];
  for (const project of [stays, one, two]) expect((await run(here, 'index', '--project', project)).code).toBe(0);

  const spread = () => promisify(execFile)('scripts/spread.sh', [second.url, directory, one, two], { env });
  expect((await spread()).stdout).toContain(`Project ${two} is at PostgreSQL`);
  expect(await databasesOf(url)).toEqual([`codebase_${stays}`]);
  const there = await query<{ name: string }>(
    second.url,
    "SELECT datname AS name FROM pg_database WHERE datname LIKE 'codebase%' ORDER BY 1",
  );
  expect(there.map(({ name }) => name)).toEqual([`codebase_${one}`, `codebase_${two}`]);
  const file = join(directory, `${one}.url`);
  expect(await readFile(file, 'utf8')).toBe(`${second.url.replace(/[^/]*$/, '')}codebase_${one}\n`);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const found = await run(
    here,
    'search',
    '--project',
    `${stays},${one},${two}`,
    '--json',
    'nightly backup of the orders',
  );
  const { results } = JSON.parse(found.stdout) as { results: { project: string }[] };
  expect(new Set(results.map(({ project }) => project))).toEqual(new Set([stays, one, two]));
  expect((await spread()).stdout).toContain(`Project ${one} is at PostgreSQL`); // nothing is left to do
  expect((await run(here, 'projects', 'move', one, '--to', 'server')).code).toBe(0);
  expect(await databasesOf(url)).toEqual([`codebase_${one}`, `codebase_${stays}`]);
});
