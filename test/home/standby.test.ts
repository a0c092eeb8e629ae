// Searches on a real streaming standby: it answers what the primary answered when it got there, writes nothing by itself, and
// says in a sentence what it cannot do.
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type OpenedCodebase, openCodebase } from '#src/app.js';
import { loadConfig } from '#src/config.js';
import { makeRepository, type TestRepository } from '../app/repository.js';
import { query } from '../database/engines.js';
import { HAS_POSTGRES, type PrivateServer, startPrivateServer } from '../database/private-server.js';
import { until } from '../owner/processes.js';

describe.skipIf(!HAS_POSTGRES)('a streaming standby (needs PGBOX)', () => {
  let primary: PrivateServer;
  let standby: PrivateServer;
  let directory: string;
  const opened: OpenedCodebase[] = [];
  const repositories: TestRepository[] = [];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'codebase-mcp-standby-'));
    primary = await startPrivateServer();
    standby = await startPrivateServer(primary.url);
  }, 120_000);
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((codebase) => codebase.close()));
    for (const repository of repositories.splice(0)) await repository.remove();
  });
  afterAll(async () => {
    await standby?.remove();
    await primary?.remove();
    await rm(directory, { recursive: true, force: true });
  });

  /** A database on both, and a codebase at each end. */
  async function pair(isolation: 'database' | 'shared') {
    const name = `test_${randomUUID().replaceAll('-', '')}`;
    await query(primary.url, `CREATE DATABASE ${name}`);
    const log = join(directory, `${name}.log`);
    const open = async (server: PrivateServer) => {
      const databaseUrl = Object.assign(new URL(server.url), { pathname: `/${name}` }).href;
      const config = loadConfig({ databaseUrl }, { CODEBASE_MCP_ISOLATION: isolation, CODEBASE_MCP_LOG_FILE: log });
      const codebase = await openCodebase(config, { holder: 'test', longLived: true });
      opened.push(codebase);
      return codebase;
    };
    const repository = await makeRepository({ 'src/cart.ts': 'export function addToCart(item: string) {}\n' });
    repositories.push(repository);
    return {
      open,
      repository,
      warnings: async () => (await readFile(log, 'utf8').catch(() => '')).match(/"level":[45]0.*/g),
    };
  }

  async function replayed(): Promise<void> {
    const [{ at } = { at: '' }] = await query<{ at: string }>(primary.url, 'SELECT pg_current_wal_lsn()::text AS at');
    await until(async () => {
      const [row] = await query<{ there: boolean }>(standby.url, 'SELECT pg_last_wal_replay_lsn() >= $1 AS there', [
        at,
      ]);
      return row?.there ?? false;
    });
  }

  test.each(['shared', 'database'] as const)(
    'answers searches and refuses to index, isolation %s',
    async (isolation) => {
      const { open, repository, warnings } = await pair(isolation);
      const project = `replicated-${randomUUID().slice(0, 8)}`;
      const writer = await open(primary);
      await writer.index({ path: repository.path, project });
      await replayed();
      const reader = await open(standby);
      const ask = { query: 'add to cart', project };
      const [there, here] = [await writer.search(ask), await reader.search(ask)];
      expect(here.results.length).toBeGreaterThan(0);
      expect([here.results, here.freshness]).toEqual([there.results, 'fresh']);
      expect(here.notes).toEqual([expect.stringMatching(/read-only copy of the index: .* the primary\.$/)]);
      expect(await reader.projects()).toEqual(await writer.projects());
      expect((await reader.status({ project })).repositories).toEqual((await writer.status({ project })).repositories);

      // What changes on disk is said, and neither read nor watched here.
      await repository.write({ 'src/cart.ts': 'export function addToBasket(item: string) {}\n' });
      const changed = await reader.search({ ...ask, repository: repository.path });
      expect(changed).toMatchObject({ freshness: 'stale', results: here.results });
      expect(changed.notes).toContain('1 file of the answer has changed since indexing.');
      const refused = {
        code: 'database_unsuitable',
        message: expect.stringMatching(/read-only copy, .* DATABASE_URL at the primary/),
      };
      const other = await makeRepository({ 'a.ts': 'export const a = 1;\n' });
      repositories.push(other);
      const attempts = [
        () => reader.index({ path: repository.path, project }),
        () => reader.startIndexing({ path: repository.path, project }),
        () => reader.search({ query: 'a', project, repository: other.path }),
        () => reader.index({ path: other.path, project: 'new-here' }),
        () => reader.remove({ path: repository.path, project }),
        () => reader.removeProject({ project }),
        () => reader.renameProject({ project, to: 'another' }),
      ];
      for (const attempt of attempts) await expect(attempt(), String(attempt)).rejects.toMatchObject(refused);
      expect(await warnings()).toBeNull();

      // What the primary indexes meanwhile is found as soon as it has come across.
      await repository.write({ 'src/bank.ts': 'export function chargeCustomer() {}\n' });
      await writer.index({ path: repository.path, project });
      await replayed();
      const later = await reader.search({ query: 'charge the customer', project });
      expect(later.results[0]).toMatchObject({ path: 'src/bank.ts' });
      expect((await reader.search({ query: 'addToBasket', project })).results[0]).toMatchObject({
        path: 'src/cart.ts',
      });
    },
  );

  test('a schema that is behind cannot be brought up here', async () => {
    const { open } = await pair('shared');
    await replayed();
    await expect(open(standby)).rejects.toMatchObject({ code: 'database_unsuitable' });
  });
});
