// Many projects on a server, a database each: what one of a hundred costs beside one of a few, when it is made and when it is
// opened, and what a start costs with few and with many. The server is DATABASE_URL's; registry and projects are removed.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { type OpenedCodebase, openCodebase } from '#src/app.js';
import { loadConfig } from '#src/config.js';
import { connectServer } from '#src/database/database.js';
import { urlWithDatabase } from '#src/database/project-databases.js';
import { percentile, printTable } from './table.js';

const PROJECTS = 101;
/** The first few and the last few are compared; one measurement of a short thing says little. */
const COMPARED = 9;
const COLUMNS = ['projects there', 'made ms', 'opened ms', 'start ms', 'status of one ms'] as const;

export async function run(): Promise<void> {
  const { databaseUrl } = loadConfig();
  if (databaseUrl === undefined) {
    console.log('Many projects: skipped, for DATABASE_URL names no server.');
    return;
  }
  const registry = `bench_projects_${process.pid}`;
  const repository = await mkdtemp(join(tmpdir(), 'codebase-mcp-bench-'));
  await writeFile(join(repository, 'one.ts'), 'export const one = 1;\n');
  const control = await connectServer(databaseUrl, 1);
  await sql`CREATE DATABASE ${sql.id(registry)}`.execute(control.db);
  const env = { DATABASE_URL: urlWithDatabase(databaseUrl, registry), CODEBASE_MCP_ISOLATION: 'database' };
  const start = () => openCodebase(loadConfig({}, env), { holder: 'bench' });
  try {
    printTable(
      `Many projects, a database each, one file each; medians of ${COMPARED}`,
      COLUMNS,
      await measure(start, repository),
    );
  } finally {
    const codebase = await start();
    for (const { id } of await codebase.projects()) await codebase.removeProject({ project: id });
    await codebase.close();
    await sql`DROP DATABASE ${sql.id(registry)} WITH (FORCE)`.execute(control.db);
    await control.close();
    await rm(repository, { recursive: true, force: true });
  }
}

async function measure(start: () => Promise<OpenedCodebase>, repository: string): Promise<string[][]> {
  const made: number[] = [];
  const rows: string[][] = [];
  const idOf = (number: number) => `bench-${process.pid}-${number}`;
  const makeUpTo = async (count: number) => {
    const codebase = await start();
    for (let number = made.length + 1; number <= count; number++) {
      made.push(await timed(() => codebase.index({ path: repository, project: idOf(number) })));
    }
    await codebase.close();
  };
  const row = async (there: number) => {
    const last = Array.from({ length: COMPARED }, (_, i) => there - i);
    const codebase = await start();
    const opened: number[] = [];
    for (const number of last) {
      opened.push(await timed(() => codebase.search({ query: 'one', project: idOf(number) })));
    }
    await codebase.close();
    const starts: number[] = [];
    for (const _ of last) starts.push(await timed(async () => (await start()).close()));
    const stated: number[] = [];
    for (const number of last) {
      const fresh = await start();
      stated.push(await timed(() => fresh.status({ project: idOf(number) })));
      await fresh.close();
    }
    const times = [made.slice(-COMPARED), opened, starts, stated];
    return [`${there}`, ...times.map((list) => percentile(list, 0.5).toFixed(0))];
  };
  await makeUpTo(COMPARED);
  rows.push(await row(COMPARED));
  await makeUpTo(PROJECTS);
  rows.push(await row(PROJECTS));
  return rows;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
