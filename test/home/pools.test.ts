// Many projects on one server at once: connections stay within what was promised, none is lost, a server that restarts is
// found again, and a project that is not used costs nothing.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type OpenedCodebase, openCodebase } from '#src/app.js';
import { loadConfig } from '#src/config.js';
import { CodebaseError } from '#src/errors.js';
import { makeRepository, type TestRepository } from '../app/repository.js';
import { query } from '../database/engines.js';
import { HAS_POSTGRES, type PrivateServer, startPrivateServer } from '../database/private-server.js';

const FULL = process.env['MODE'] === 'faults';
const LIMIT = FULL ? { maxProjects: 10, queries: 20_000, minutes: 10 } : { maxProjects: 3, queries: 200, minutes: 5 };
const MANY = FULL ? 100 : 4;
const CLIENTS = 32;
/** Beside the pools: the registry's three and one for changes. */
const BESIDE = 4;

describe.skipIf(!HAS_POSTGRES)('pools (needs the packages of scripts/postgres.sh)', { timeout: 1_800_000 }, () => {
  let server: PrivateServer;
  let repository: TestRepository;
  const opened: OpenedCodebase[] = [];
  beforeAll(async () => {
    server = await startPrivateServer();
    repository = await makeRepository({ 'src/cart.ts': 'export function addToCart() {}\n' });
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((codebase) => codebase.close()));
  });
  afterAll(async () => {
    await repository.remove();
    await server.remove();
  });

  async function open(maxProjects: number, database = 'postgres'): Promise<OpenedCodebase> {
    const config = loadConfig(
      { databaseUrl: urlOf(database) },
      { CODEBASE_MCP_ISOLATION: 'database', CODEBASE_MCP_MAX_PROJECTS: String(maxProjects) },
    );
    const codebase = await openCodebase(config, { holder: 'test' });
    opened.push(codebase);
    return codebase;
  }

  function urlOf(database: string): string {
    return server.url.replace(/postgres$/, database);
  }

  /** Sessions of ours by database. */
  async function sessions(client: pg.Client): Promise<ReadonlyMap<string, number>> {
    const { rows } = await client.query<{ name: string; count: number }>(
      "SELECT datname AS name, count(*)::int AS count FROM pg_stat_activity WHERE application_name = 'codebase-mcp' GROUP BY 1",
    );
    return new Map(rows.map(({ name, count }) => [name, count]));
  }

  test(`${CLIENTS} clients on more projects than may be open: no error, no connection above the promise, no leak`, async () => {
    const { maxProjects, queries, minutes } = LIMIT;
    const projects = Array.from({ length: maxProjects + 5 }, (_, i) => `limit-${i}`);
    const codebase = await open(maxProjects);
    for (const project of projects) await codebase.index({ path: repository.path, project });
    const promised = (await codebase.status({})).pools;
    const most = maxProjects * (promised?.max_connections_per_pool ?? 0) + BESIDE;

    const observer = new pg.Client({ connectionString: server.url, application_name: 'observer' });
    await observer.connect();
    let peak = 0;
    let done = 0;
    const deadline = performance.now() + minutes * 60_000;
    const goesOn = () => done < queries && performance.now() < deadline;
    const observe = async (): Promise<void> => {
      while (goesOn()) {
        peak = Math.max(
          peak,
          [...(await sessions(observer)).values()].reduce((a, b) => a + b, 0),
        );
        await sleep(5);
      }
    };
    const client = async (number: number): Promise<void> => {
      for (let i = number; goesOn(); i = (i * 31 + 7) % 1_000_003) {
        done += 1;
        const project = projects[i % projects.length] as string;
        if (i % 3 === 0) {
          const { results } = await codebase.search({ query: 'addToCart', project });
          expect(results.map((result) => [result.project, result.path])).toEqual([[project, 'src/cart.ts']]);
        } else {
          const { repositories } = await codebase.status({ project });
          expect(repositories.map((each) => [each.project, each.files])).toEqual([[project, 1]]);
        }
      }
    };
    await Promise.all([observe(), ...Array.from({ length: CLIENTS }, (_, i) => client(i + 1))]);
    const pools = (await codebase.status({ project: projects[0] })).pools;
    expect(peak).toBeGreaterThan(maxProjects);
    expect(peak).toBeLessThanOrEqual(most);
    expect(pools).toMatchObject({ leaks: 0, max_projects: maxProjects });
    expect(pools?.evictions).toBeGreaterThan(5);
    expect(pools?.waits).toBeGreaterThan(0);
    if (FULL)
      process.stderr.write(`${done} queries, at most ${peak} of ${most} connections, ${JSON.stringify(pools)}\n`);
    await codebase.close();
    await expect.poll(async () => [...(await sessions(observer))]).toEqual([]);
    await observer.end();
  });

  test('a server that is restarted under load: errors in words for what was under way, then recovery', async () => {
    const projects = ['restart-a', 'restart-b', 'restart-c'];
    const codebase = await open(2);
    for (const project of projects) await codebase.index({ path: repository.path, project });
    const errors: unknown[] = [];
    let restarted = false;
    let after = 0;
    let over = false;
    const client = async (number: number): Promise<void> => {
      for (let i = number; after < 60 && !over; i += 1) {
        try {
          await codebase.search({ query: 'addToCart', project: projects[i % projects.length] as string });
          if (restarted) after += 1;
        } catch (error) {
          errors.push(error);
        }
      }
    };
    const load = Promise.all(Array.from({ length: 8 }, (_, i) => client(i)));
    await sleep(500);
    try {
      await server.stop();
      await server.start();
      restarted = true;
      await load;
    } finally {
      over = true; // a server that does not come back must not keep the clients asking
    }
    for (const error of errors) {
      expect(error).toBeInstanceOf(CodebaseError);
      expect((error as CodebaseError).code).toBe('database_unavailable');
    }
    expect((await codebase.status({ project: 'restart-a' })).pools).toMatchObject({ leaks: 0 });
    // Writing works again too.
    await repository.write({ 'src/more.ts': 'export const more = 1;\n' });
    expect(await codebase.index({ path: repository.path, project: 'restart-b' })).toMatchObject({ files: 2 });
    await repository.remove('src/more.ts');
  });

  test(`${MANY} projects: neither a start nor the next project touches the others`, async () => {
    await query(server.url, 'CREATE DATABASE many');
    const maker = await open(2, 'many');
    const took: number[] = [];
    for (let i = 0; i <= MANY; i++) {
      const started = performance.now();
      await maker.index({ path: repository.path, project: `many-${i}` });
      took.push(Math.round(performance.now() - started));
    }
    await maker.close();

    const observer = new pg.Client({ connectionString: server.url, application_name: 'observer' });
    await observer.connect();
    const codebase = await open(MANY + 1, 'many').catch(() => open(10, 'many'));
    expect([...(await sessions(observer)).keys()]).toEqual(['many']);
    await codebase.search({ query: 'addToCart', project: `many-${MANY}` });
    expect([...(await sessions(observer)).keys()].sort()).toEqual([`codebase_many-${MANY}`, 'many']);
    if (FULL)
      process.stderr.write(`first index, ms: second ${took[1]}, ${MANY + 1}th ${took[MANY]}, all ${took.join(' ')}\n`);
    await observer.end();
  });
});
