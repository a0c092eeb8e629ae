// Projects moved with their data between real engines: the same rows and the same answers, or nothing at all.
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type OpenedCodebase, openCodebase } from '#src/app.js';
import { endsOfMove } from '#src/cli/ends-of-move.js';
import { type Config, loadConfig } from '#src/config.js';
import type { MoveProgress } from '#src/service.js';
import { makeRepository, type TestRepository } from '../app/repository.js';
import { databasesOf, makePlace, makeServerDatabase, query, SERVER_URL } from '../database/engines.js';
import { HAS_POSTGRES, type PrivateServer, startPrivateServer } from '../database/private-server.js';
import { holdUp } from './hold-up.js';

const FILES = {
  'src/cart.ts': 'export class Cart {\n  addItem(sku: string) {}\n  total() {\n    return 1;\n  }\n}\n',
  'src/bank.py': 'def charge_customer(amount):\n    return amount\n',
  'README.md': '# Shop\n\nCharges customers.\n',
  'package-lock.json': '{}\n',
};

test('a URL on the command line is refused without being repeated; embedded needs a server to come from', async () => {
  const config = loadConfig({}, {});
  const refusal = await endsOfMove(config, 'postgres://me:secret@db/x').catch((error: Error) => error.message);
  expect(refusal).toMatch(/^A URL on the command line .* give --to env:NAME or --to file:\/path\.$/);
  expect(refusal).not.toContain('secret');
  await expect(endsOfMove(config, 'embedded')).rejects.toThrow('Without DATABASE_URL');
});

describe.skipIf(SERVER_URL === undefined)('moving a project (needs TEST_DATABASE_URL)', () => {
  let repository: TestRepository;
  let id: (name: string) => string;
  const undo: (() => Promise<unknown>)[] = [];

  beforeEach(async () => {
    const run = randomUUID().slice(0, 8);
    id = (name) => `${name}-${run}`;
    repository = await makeRepository(FILES);
    undo.push(() => repository.remove());
  });
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });

  async function open(config: Config): Promise<OpenedCodebase> {
    const codebase = await openCodebase(config, { holder: 'test' });
    undo.push(() => codebase.close());
    return codebase;
  }

  async function embedded(): Promise<OpenedCodebase> {
    const { config, remove } = await makePlace('embedded');
    undo.push(remove);
    return await open(config);
  }

  async function server(isolation: 'database' | 'shared') {
    const { config, remove } = await makeServerDatabase({ CODEBASE_MCP_ISOLATION: isolation });
    undo.push(remove);
    const url = config.databaseUrl ?? '';
    return { config, url, there: { url, isolation }, codebase: await open(config) };
  }

  /** A variable of this process that leads to the URL. */
  function reference(url: string): string {
    const name = `MOVES_${randomUUID().replaceAll('-', '')}`;
    process.env[name] = url;
    undo.push(async () => {
      delete process.env[name];
    });
    return `env:${name}`;
  }

  /** A reference to a database of its own on another server. */
  async function elsewhere(): Promise<{ url: string; place: string; second: PrivateServer }> {
    const second = await startPrivateServer();
    undo.push(() => second.remove());
    return { url: second.url, place: reference(second.url), second };
  }

  /** What a search answers, without what differs from call to call. */
  async function answers(codebase: OpenedCodebase, project: string) {
    const found = [];
    for (const query of ['charge the customer', 'Cart.total', 'what does the shop do']) {
      const { results, searched } = await codebase.search({ query, project });
      found.push({ results, searched });
    }
    return found;
  }

  describe.each(['shared', 'database'] as const)('embedded and a server with isolation %s', (isolation) => {
    test('there and back: equal rows, equal answers, and gone where it was', async () => {
      const [home, { codebase: away, there }] = [await embedded(), await server(isolation)];
      const [project, other] = [id('carried'), id('other')];
      await away.index({ path: repository.path, project: other }); // ids that the project had at home are taken there
      await home.index({ path: repository.path, project });
      const before = await answers(home, project);
      expect(before[0]?.results.length).toBeGreaterThan(0);

      const sent = await home.moveProject({ project, to: 'env:AWAY', server: there });
      expect(sent.to).toContain('PostgreSQL');
      expect(sent.next).toContain('DATABASE_URL');
      expect(Object.fromEntries(sent.tables.map(({ table, rows }) => [table, rows]))).toEqual({
        repositories: 1,
        code_files: 3,
        code_chunks: 3,
        chunk_embeddings: 3,
        file_embeddings: 6,
        skipped_files: 1,
        index_jobs: 1,
      });
      expect(await home.projects()).toEqual([]);
      expect(await answers(away, project)).toEqual(before);
      expect((await away.projects()).map(({ id }) => id).sort()).toEqual([project, other].sort());

      const fetched = await home.moveProject({ project, to: 'embedded', server: there });
      expect(fetched.tables).toEqual(sent.tables);
      expect(await answers(home, project)).toEqual(before);
      expect((await away.projects()).map(({ id }) => id)).toEqual([other]);

      // It lives on there: ids that are given next do not collide with those that came along.
      await repository.write({ 'src/new.ts': 'export function refund() {}\n' });
      expect(await home.index({ path: repository.path, project })).toMatchObject({ files: 4, files_added: 1 });
    });

    test('a name that is taken there, a project that is not here, and one that is not there', async () => {
      const [home, { codebase: away, there }] = [await embedded(), await server(isolation)];
      const project = id('taken');
      await home.index({ path: repository.path, project });
      const other = await makeRepository({ 'a.ts': 'export const a = 1;\n' });
      undo.push(() => other.remove());
      await away.index({ path: other.path, project });
      const [mine, theirs] = [await answers(home, project), await answers(away, project)];
      await expect(home.moveProject({ project, to: 'env:AWAY', server: there })).rejects.toMatchObject({
        code: 'invalid_input',
        message: expect.stringMatching(
          /There is a project taken-\S+ at PostgreSQL .* already, which differs in .*rename/,
        ),
      });
      await expect(home.moveProject({ project, to: 'embedded', server: there })).rejects.toThrow(/There is a project/);
      expect(await answers(home, project)).toEqual(mine);
      expect(await answers(away, project)).toEqual(theirs);
      for (const to of ['env:AWAY', 'embedded']) {
        const request = { project: id('absent'), to, server: there };
        await expect(home.moveProject(request)).rejects.toMatchObject({ code: 'not_found' });
      }
    });
  });

  test('rows that are at the target already, as after a death before the source was emptied, are compared and not doubled', async () => {
    const [home, { codebase: away, there, url }] = [await embedded(), await server('shared')];
    const project = id('twice');
    await home.index({ path: repository.path, project });
    const before = await answers(home, project);
    await home.moveProject({ project, to: 'env:AWAY', server: there });
    await query(url, 'CREATE TABLE kept AS SELECT 1'); // a table without project_id is not touched
    const again = await embedded();
    await again.index({ path: repository.path, project });
    await query(url, `UPDATE code_chunks SET content = content || ' ' WHERE ordinal = 0 AND project_id = '${project}'`);
    await expect(again.moveProject({ project, to: 'env:AWAY', server: there })).rejects.toThrow('code_chunks');
    expect((await again.projects()).map(({ id }) => id)).toEqual([project]);
    expect((await answers(away, project))[0]?.results.map(({ path }) => path)).toEqual(
      before[0]?.results.map(({ path }) => path),
    );
  });

  describe.skipIf(!HAS_POSTGRES)('a database per project, and one on a second server (needs PGBOX)', () => {
    test('there and back: the registry has the reference only, the database here is gone, and comes back', async () => {
      const { codebase, url } = await server('database');
      const { url: second, place } = await elsewhere();
      const project = id('own');
      await codebase.index({ path: repository.path, project });
      const before = await answers(codebase, project);
      const moved = await codebase.moveProject({ project, to: place });
      expect(await databasesOf(url)).toEqual([]);
      expect(await query(url, 'SELECT project_id, connection FROM codebase_projects')).toEqual([
        { project_id: project, connection: place },
      ]);
      expect(await query(second, 'SELECT DISTINCT project_id FROM code_files')).toEqual([{ project_id: project }]);
      expect(await answers(codebase, project)).toEqual(before);
      expect(await codebase.moveProject({ project, to: place })).toMatchObject({ tables: [] }); // it is there already

      expect((await codebase.moveProject({ project, to: 'server' })).tables).toEqual(moved.tables);
      expect(await databasesOf(url)).toEqual([`codebase_${project}`]);
      expect(await query(second, 'SELECT count(*)::int AS rows FROM code_files')).toEqual([{ rows: 0 }]);
      expect(await answers(codebase, project)).toEqual(before);
    });

    test('a project that is there from the start: added, indexed on the second server, removed', async () => {
      const { codebase, url } = await server('database');
      const { url: second, place } = await elsewhere();
      const [project, other] = [id('added'), id('other')];
      expect(await codebase.addProject({ project, database: place })).toMatchObject({ project });
      expect(await codebase.projects()).toEqual([{ id: project, repositories: 0, files: 0, chunks: 0 }]);
      await codebase.index({ path: repository.path, project });
      expect(await databasesOf(url)).toEqual([]);
      expect(await query(second, 'SELECT DISTINCT project_id FROM code_files')).toEqual([{ project_id: project }]);
      await expect(codebase.addProject({ project, database: place })).rejects.toThrow('already');
      await expect(codebase.addProject({ project: other, database: reference(second) })).rejects.toMatchObject({
        code: 'in_use',
        message: expect.stringContaining(`is that of project ${project}`),
      });
      await codebase.removeProject({ project });
      expect(await query(second, 'SELECT count(*)::int AS rows FROM code_files')).toEqual([{ rows: 0 }]);
    });

    test('a server that is away takes its own project with it and no other', async () => {
      const { codebase } = await server('database');
      const { place, second } = await elsewhere();
      const [project, other] = [id('away'), id('here')];
      await codebase.addProject({ project, database: place });
      await codebase.index({ path: repository.path, project });
      await codebase.index({ path: repository.path, project: other });
      const whole = await codebase.status({});
      expect([whole.repositories.map((one) => one.project).sort(), whole.unavailable]).toEqual([
        [project, other].sort(),
        [],
      ]);
      await second.stop();
      const reason = expect.stringMatching(/^(The database of project away-\S+: )?No PostgreSQL answers at 127/);
      const status = await codebase.status({});
      expect(status.repositories.map((one) => one.project)).toEqual([other]);
      expect(status.unavailable).toEqual([{ project, reason }]);
      expect(await codebase.projects()).toEqual([
        { id: project, repositories: 0, files: 0, chunks: 0, unavailable: reason },
        { id: other, repositories: 1, files: 3, chunks: 3 },
      ]);
      const [job] = status.jobs;
      expect(await codebase.job(job?.job_id ?? '')).toMatchObject({ project: other, state: 'completed' });
      await expect(codebase.job(randomUUID())).rejects.toMatchObject({
        code: 'not_found',
        message: expect.stringContaining(`(but ${project} could not be asked)`),
      });
      const everywhere = await codebase.search({ query: 'charge the customer', all_projects: true });
      expect(new Set(everywhere.results.map((result) => result.project))).toEqual(new Set([other]));
      expect(everywhere.notes).toContainEqual(expect.stringContaining(`Project ${project} was left out: `));
      await second.start();
      const back = await codebase.status({});
      expect(back.repositories).toHaveLength(2);
      expect(back).toMatchObject({ repositories: expect.arrayContaining(whole.repositories), unavailable: [] });
    });

    test('a target that cannot be reached, or whose schema is behind, leaves the project where it was', async () => {
      const { codebase, url } = await server('database');
      const { url: second, place, second: server2 } = await elsewhere();
      const project = id('stays');
      await codebase.index({ path: repository.path, project });
      const before = await answers(codebase, project);
      await server2.stop();
      await expect(codebase.moveProject({ project, to: place })).rejects.toMatchObject({
        code: 'database_unavailable',
        message: expect.stringMatching(
          /^The database of project stays-\S+: No PostgreSQL answers at 127\.0\.0\.1.*; start it, or correct env:MOVES_\w+\.$/,
        ),
      });
      await server2.start();
      await query(second, 'CREATE TABLE alembic_version (version_num varchar(32) NOT NULL)');
      await query(second, "INSERT INTO alembic_version VALUES ('002_remove_non_search_tables')");
      await expect(codebase.moveProject({ project, to: place })).rejects.toMatchObject({
        code: 'schema_mismatch',
        message: expect.stringMatching(
          /run: codebase-mcp db upgrade with DATABASE_URL set to the URL of env:MOVES_\w+\.$/,
        ),
      });
      expect(await query(url, 'SELECT connection FROM codebase_projects')).toEqual([{ connection: null }]);
      expect(await answers(codebase, project)).toEqual(before);
    });
  });

  test('from a shared server to one with databases: its own limits count there', async () => {
    const [{ codebase: here }, { codebase: away, url }] = [await server('shared'), await server('database')];
    const project = id('across');
    await away.projects(); // makes the registry
    await here.index({ path: repository.path, project });
    const before = await answers(here, project);
    await here.moveProject({ project, to: reference(url) });
    expect(await here.projects()).toEqual([]);
    expect(await answers(away, project)).toEqual(before);
  });

  test('an installation that cannot be opened is told by the name of where its URL stands', async () => {
    const { codebase: here } = await server('shared');
    const project = id('stays');
    await here.index({ path: repository.path, project });
    const nothing = reference('postgres://someone:secret@127.0.0.1:1/nothing');
    const { message } = (await here.moveProject({ project, to: nothing }).catch((error: Error) => error)) as Error;
    expect(message).toMatch(
      /^No PostgreSQL answers at 127\.0\.0\.1:1\/nothing \(.*\); start it, or correct env:MOVES_\w+\.$/,
    );
    expect((await here.projects()).map((one) => one.id)).toEqual([project]);
  });

  test('references that lead nowhere, and databases that are not free', async () => {
    const { codebase, url } = await server('database');
    const [project, other] = [id('refused'), id('other')];
    for (const name of [project, other]) await codebase.index({ path: repository.path, project: name });
    const empty = join(repository.path, '..', `moves-${randomUUID()}`);
    await writeFile(empty, 'not a url');
    const databaseOf = (name: string) => Object.assign(new URL(url), { pathname: `/codebase_${name}` }).href;
    const refusals: readonly (readonly [string, RegExp])[] = [
      ['env:MOVES_UNSET', /env:MOVES_UNSET, is not set; it must lead to postgres:/],
      ['file:/nowhere/at/all', /file:\/nowhere\/at\/all, cannot be read/],
      [`file:${empty}`, /holds no PostgreSQL URL/],
      ['file:relative', /cannot be moved to "file:relative"; give server, embedded, env:NAME or file:\/path/],
      ['elsewhere', /cannot be moved to "elsewhere"/],
      [reference(url), /which is a registry of projects/],
      [reference(databaseOf(other)), new RegExp(`is that of project ${other}`)],
      [reference(databaseOf(project)), /is at PostgreSQL .* already, or is being moved/],
    ];
    for (const [to, message] of refusals)
      await expect(codebase.moveProject({ project, to }), to).rejects.toThrow(message);
    expect((await answers(codebase, project))[0]?.results.length).toBeGreaterThan(0);
    await expect((await embedded()).addProject({ project, database: 'env:X' })).rejects.toThrow('share one database');
  });

  test('a move tells how far it is: counted, copied, compared; and can be cancelled until it counts', async () => {
    const [home, { there, codebase: away }] = [await embedded(), await server('shared')];
    const project = id('told');
    await home.index({ path: repository.path, project });
    const before = await answers(home, project);
    const abort = new AbortController();
    const step = (phase: MoveProgress['phase'], steps: MoveProgress[]) => steps.filter((one) => one.phase === phase);
    const comparing: string[] = [];
    const stop = (progress: MoveProgress) => {
      if (progress.phase === 'comparing' && comparing.push(progress.table ?? '') === 2) abort.abort();
    };
    await expect(
      home.moveProject({ project, to: 'env:AWAY', server: there }, { signal: abort.signal, onMove: stop }),
    ).rejects.toMatchObject({ code: 'cancelled' });
    expect(comparing).toHaveLength(2);
    expect(await away.projects()).toEqual([]);
    expect(await answers(home, project)).toEqual(before);

    const steps: MoveProgress[] = [];
    const onMove = (progress: MoveProgress) => void steps.push(progress);
    const { tables } = await home.moveProject({ project, to: 'env:AWAY', server: there }, { onMove });
    const rows = tables.reduce((sum, table) => sum + table.rows, 0);
    expect([...new Set(steps.map(({ phase }) => phase))]).toEqual(['counting', 'copying', 'comparing', 'finishing']);
    expect(steps.at(-1)).toEqual({ phase: 'finishing', table: null, rows_done: rows, rows_total: rows });
    for (const phase of ['copying', 'comparing'] as const) {
      const done = step(phase, steps).map((one) => one.rows_done);
      expect(done).toEqual(done.toSorted((a, b) => a - b));
      expect(done.length).toBeGreaterThan(2);
      for (const one of step(phase, steps)) expect(one.rows_total).toBe(rows);
    }
  });

  test('a move that is cancelled leaves nothing there, and says so', async () => {
    const [home, { url, there, codebase: away }] = [await embedded(), await server('shared')];
    const project = id('cancelled');
    await home.index({ path: repository.path, project });
    const before = await answers(home, project);
    const abort = new AbortController();
    const move = () => home.moveProject({ project, to: 'env:AWAY', server: there }, { signal: abort.signal });
    const moving = await holdUp(url, 'code_files', move);
    abort.abort();
    await moving.go();
    await expect(moving.outcome).rejects.toMatchObject({
      code: 'cancelled',
      message: `Moving project ${project} was cancelled; it is where it was.`,
    });
    expect(await away.projects()).toEqual([]);
    expect(await answers(home, project)).toEqual(before);
  });

  test('nothing is indexed in a project while it moves', async () => {
    const [home, { url, there, codebase: away }] = [await embedded(), await server('shared')];
    const project = id('busy');
    await home.index({ path: repository.path, project });
    const moving = await holdUp(url, 'code_chunks', () => home.moveProject({ project, to: 'env:AWAY', server: there }));
    await expect(away.index({ path: repository.path, project })).rejects.toMatchObject({
      code: 'in_use',
      message: expect.stringContaining(`Project ${project} is being moved`),
    });
    await moving.go();
    expect(await moving.outcome).toMatchObject({ project });
    expect(await away.index({ path: repository.path, project })).toMatchObject({ files: 3, files_unchanged: 3 });
  });
});
