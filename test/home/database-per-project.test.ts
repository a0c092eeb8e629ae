// A database per project on a real server: made on first use, whole or not at all, bounded, and found again.
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type OpenedCodebase, openCodebase } from '#src/app.js';
import { type Config, loadConfig } from '#src/config.js';
import { openDatabase } from '#src/database/database.js';
import { examine } from '#src/database/doctor.js';
import { connectProjects } from '#src/database/project-server.js';
import { openLog } from '#src/log.js';
import { makeRepository, type TestRepository } from '../app/repository.js';
import { databasesOf, makeServerDatabase, onServer, query, SERVER_URL } from '../database/engines.js';
import { HAS_POSTGRES, startPrivateServer } from '../database/private-server.js';

describe.skipIf(SERVER_URL === undefined)('a database per project (needs TEST_DATABASE_URL)', () => {
  let config: Config;
  let remove: () => Promise<void>;
  let repository: TestRepository;
  const opened: OpenedCodebase[] = [];
  const undo: (() => Promise<unknown>)[] = [];
  /** Project databases are named after the project alone: tests that run beside each other use ids of their own. */
  let id: (name: string) => string;

  beforeEach(async () => {
    const run = randomUUID().slice(0, 8);
    id = (name) => `${name}-${run}`;
    ({ config, remove } = await makeServerDatabase({}));
    repository = await makeRepository({ 'src/cart.ts': 'export function addToCart() {}\n' });
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((codebase) => codebase.close()));
    await repository.remove();
    await remove();
    for (const step of undo.splice(0)) await step();
  });

  async function open(settings: Record<string, string> = {}, url = config.databaseUrl): Promise<OpenedCodebase> {
    const codebase = await openCodebase(loadConfig({ databaseUrl: url }, settings), { holder: 'test' });
    opened.push(codebase);
    return codebase;
  }

  test('is made by the first index, named after the project, and found by another process', async () => {
    const [one, two] = [await open(), await open()];
    const project = id('one');
    await expect(one.search({ query: 'cart', project })).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining(`There is no project ${project} (nothing is indexed yet)`),
    });
    expect(await databasesOf(config.databaseUrl ?? '')).toEqual([]);
    await one.index({ path: repository.path, project });
    expect(await databasesOf(config.databaseUrl ?? '')).toEqual([`codebase_${project}`]);
    const answer = await two.search({ query: 'addToCart', project });
    expect(answer.results.map(({ path }) => path)).toEqual(['src/cart.ts']);
    expect(await two.projects()).toEqual([{ id: project, repositories: 1, files: 1, chunks: 1 }]);
    expect((await two.status({})).engine).toMatch(/, a database per project$/);
  });

  test('a search in what may not be indexed makes no project', async () => {
    const codebase = await open();
    const project = id('none');
    for (const [path, code] of [
      ['/', 'refused_path'],
      ['/no/such/place', 'not_found'],
    ])
      await expect(codebase.search({ query: 'cart', project, repository: path })).rejects.toMatchObject({ code });
    expect(await codebase.projects()).toEqual([]);
    expect((await codebase.search({ query: 'cart', project, repository: repository.path })).results).toHaveLength(1);
  });

  test('two creators at once make one, and a death on the way leaves nothing that counts', async () => {
    const project = id('both');
    const [one, two] = [await open(), await open()];
    await Promise.all([one, two].map((codebase) => codebase.index({ path: repository.path, project })));
    expect(await databasesOf(config.databaseUrl ?? '')).toEqual([`codebase_${project}`]);

    // What a process that dies between CREATE DATABASE and the end of the schema leaves.
    const [{ id: registry = '' } = {}] = await query<{ id: string }>(
      config.databaseUrl ?? '',
      'SELECT id FROM codebase_registry',
    );
    const { ProjectDatabases } = await import('#src/database/project-databases.js');
    const control = await openDatabase({ ...config, databaseUrl: await scratch() }, { holder: 'test' });
    const databases = new ProjectDatabases(control.allProjects, registry);
    const dying = id('dying');
    await expect(
      databases.create(dying as never, async () => {
        throw new Error('dies');
      }),
    ).rejects.toThrow('dies');
    expect(await databases.list()).toEqual([expect.objectContaining({ project })]);
    await control.close();
    await one.index({ path: repository.path, project: dying });
    expect(await databasesOf(config.databaseUrl ?? '')).toEqual([`codebase_${project}`, `codebase_${dying}`].sort());
  });

  test('a database of that name that is not ours is refused and left alone', async () => {
    const project = id('foreign');
    await onServer(`CREATE DATABASE "codebase_${project}"`);
    undo.push(() => onServer(`DROP DATABASE "codebase_${project}"`));
    const codebase = await open();
    await expect(codebase.index({ path: repository.path, project })).rejects.toMatchObject({
      code: 'in_use',
      message: expect.stringContaining(`codebase_${project} is there already`),
    });
    expect(await codebase.projects()).toEqual([]);
  });

  test('a role that may not create databases: shared unless told otherwise, and the statement to ask for', async () => {
    const role = `app_${randomUUID().slice(0, 8)}`;
    await onServer(`CREATE ROLE ${role} LOGIN`);
    const url = new URL(config.databaseUrl ?? '');
    await onServer(`ALTER DATABASE "${url.pathname.slice(1)}" OWNER TO ${role}`);
    undo.push(() => onServer(`DROP ROLE ${role}`));
    url.username = role;
    await expect(open({ CODEBASE_MCP_ISOLATION: 'database' }, url.href)).rejects.toMatchObject({
      code: 'permission_denied',
      message: expect.stringContaining(
        `have a superuser run: ALTER ROLE ${role} CREATEDB; or set CODEBASE_MCP_ISOLATION=shared`,
      ),
    });
    await onServer(`ALTER ROLE ${role} CREATEDB`);
    const codebase = await open({ CODEBASE_MCP_ISOLATION: 'database' }, url.href);
    await expect(codebase.index({ path: repository.path, project: id('granted') })).rejects.toMatchObject({
      code: 'permission_denied',
      message: expect.stringContaining(
        'have a superuser run in the database template1, from which it is made: CREATE EXTENSION vector;',
      ),
    });
    expect(await databasesOf(url.href)).toEqual([]);
    expect(await codebase.projects()).toEqual([]);
    await codebase.close();
    await query(config.databaseUrl ?? '', `REASSIGN OWNED BY ${role} TO postgres`);
  });

  test('what was indexed in one shared database is still found, and neither mode hides the other', async () => {
    const shared = await open({ CODEBASE_MCP_ISOLATION: 'shared' });
    await shared.index({ path: repository.path, project: id('old') });
    const later = await open();
    expect(await later.projects()).toEqual([expect.objectContaining({ id: id('old') })]);
    expect(await databasesOf(config.databaseUrl ?? '')).toEqual([]);
    await expect(open({ CODEBASE_MCP_ISOLATION: 'database' })).rejects.toMatchObject({
      code: 'database_unsuitable',
      message: expect.stringContaining('holds 1 repositories of the shared mode'),
    });

    const apart = await scratch();
    const codebase = await open({}, apart);
    await codebase.index({ path: repository.path, project: id('new') });
    await expect(open({ CODEBASE_MCP_ISOLATION: 'shared' }, apart)).rejects.toMatchObject({
      code: 'database_unsuitable',
      message: expect.stringContaining('1 projects of'),
    });
  });

  test('more connections than the server has are refused at the start, with the numbers', async () => {
    await expect(
      open({ CODEBASE_MCP_MAX_PROJECTS: '10', CODEBASE_MCP_MAX_CONNECTIONS_PER_POOL: '20' }),
    ).rejects.toMatchObject({
      code: 'database_unsuitable',
      message: expect.stringMatching(/max_connections 100, of which 97 can be used, and 10 × 20 .* are 204; lower/),
    });
    const codebase = await open();
    expect((await codebase.status({})).pools).toMatchObject({ max_projects: 10, max_connections_per_pool: 9 });
  });

  test('a project on a server of its own: the URL comes from a file and never stands in the registry', async () => {
    const { mkdtemp, rm, writeFile } = await import('node:fs/promises');
    const directory = await mkdtemp('/tmp/codebase-mcp-secret-');
    undo.push(() => rm(directory, { recursive: true }));
    await writeFile(`${directory}/url`, `${await scratch()}\n`);
    const codebase = await open();
    await codebase.projects(); // makes the registry
    const project = id('away');
    await query(config.databaseUrl ?? '', 'INSERT INTO codebase_projects (project_id, connection) VALUES ($1, $2)', [
      project,
      `file:${directory}/url`,
    ]);
    await codebase.index({ path: repository.path, project });
    expect(await databasesOf(config.databaseUrl ?? '')).toEqual([]);
    expect(await codebase.projects()).toEqual([expect.objectContaining({ id: project, files: 1 })]);
    await expect(
      query(config.databaseUrl ?? '', "INSERT INTO codebase_projects VALUES ('x', 'postgres://u:secret@h/d')"),
    ).rejects.toThrow(/check constraint/);
    await rm(`${directory}/url`);
    const other = await open();
    await expect(other.search({ query: 'cart', project })).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining(`file:${directory}/url, cannot be read`),
    });
  });

  test('the schema of one project or of all is upgraded, and nobody is left to guess which', async () => {
    const codebase = await open();
    const [one, two] = [id('one'), id('two')];
    for (const project of [one, two]) await codebase.index({ path: repository.path, project });
    await codebase.close();
    const db = (...args: string[]) =>
      promisify(execFile)(process.execPath, ['dist/cli/main.js', 'db', ...args], {
        env: { ...process.env, DATABASE_URL: config.databaseUrl },
      });
    await expect(db('upgrade')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Each of the 2 projects has a database of its own here; name one with --project'),
    });
    await expect(db('backup', '--all')).rejects.toMatchObject({ code: 2 });
    await expect(db('current', '--project', 'nowhere')).rejects.toMatchObject({ code: 11 });
    await db('downgrade', '-1', '--project', one, '--no-backup');
    const late = await open();
    await expect(late.search({ query: 'cart', project: one })).rejects.toMatchObject({
      code: 'schema_mismatch',
      message: expect.stringMatching(/run: codebase-mcp db upgrade --all\.$/),
    });
    expect((await late.search({ query: 'cart', project: two })).results).toHaveLength(1);
    const { stderr } = await db('upgrade', '--all');
    expect(stderr).toMatch(new RegExp(`Project ${one}:[^]*Project ${two}:`));
    await late.search({ query: 'cart', project: one });
  });

  test('registry and databases are compared both ways, and made to agree', async () => {
    const codebase = await open();
    const [gone, lost, half] = [id('gone'), id('lost'), id('half')];
    for (const project of [gone, lost, half]) await codebase.index({ path: repository.path, project });
    await codebase.close();
    const registry = config.databaseUrl ?? '';
    await onServer(`DROP DATABASE "codebase_${gone}" WITH (FORCE)`);
    await query(registry, 'DELETE FROM codebase_projects WHERE project_id = $1', [lost]);
    const place = new URL(registry);
    place.pathname = `/codebase_${half}`;
    await query(place.href, "INSERT INTO repositories (project_id, path, name) VALUES ('before', '/x', 'x')");
    const connected = await connectProjects(config, { holder: 'test' }, openLog('/dev/null'));
    if (connected.isolation !== 'database') throw new Error('shared');
    const { server } = connected;
    const [{ id: mark = '' } = {}] = await query<{ id: string }>(registry, 'SELECT id FROM codebase_registry');
    const draft = `codebase_new_${randomUUID().replaceAll('-', '')}`;
    await onServer(`CREATE DATABASE ${draft}`);
    await onServer(`COMMENT ON DATABASE ${draft} IS 'codebase-mcp project ${id('new')} of registry ${mark}'`);

    const problems = async () => (await examine(server)).map(({ problem }) => problem);
    expect(await problems()).toEqual([
      `Project ${gone} is in the registry and has no database`,
      `The database codebase_${lost} is not in the registry`,
      `The database ${draft} was begun for project ${id('new')} and not finished`,
      `The database of project ${half} holds rows of before, from a rename that did not come to its end`,
    ]);
    for (const { repair } of await examine(server)) await repair();
    expect(await problems()).toEqual([]);
    await server.close();
    const again = await open();
    expect((await again.projects()).map((project) => [project.id, project.repositories])).toEqual(
      [
        [half, 2],
        [lost, 1],
      ].sort(),
    );
  });

  test.skipIf(!HAS_POSTGRES)(
    'a project whose server is away is not renamed by half, and doctor looks there too',
    async () => {
      const second = await startPrivateServer();
      undo.push(() => second.remove());
      process.env['SECOND_SERVER'] = second.url;
      const codebase = await open();
      const [project, to] = [id('half'), id('whole')];
      await codebase.addProject({ project, database: 'env:SECOND_SERVER' });
      await codebase.index({ path: repository.path, project });
      const paths = async (from: OpenedCodebase, name: string) =>
        (await from.search({ query: 'addToCart', project: name })).results.map(({ path }) => path);
      await second.stop();
      await expect(codebase.renameProject({ project, to })).rejects.toMatchObject({ code: 'database_unavailable' });
      await second.start();
      expect((await codebase.projects()).map((one) => one.id)).toEqual([project]);
      expect(await paths(codebase, project)).toEqual(['src/cart.ts']);

      // What a death between the two databases leaves.
      await codebase.renameProject({ project, to });
      await query(config.databaseUrl ?? '', 'UPDATE codebase_projects SET project_id = $1', [project]);
      const connected = await connectProjects(config, { holder: 'test' }, openLog('/dev/null'));
      if (connected.isolation !== 'database') throw new Error('shared');
      const findings = await examine(connected.server);
      expect(findings.map(({ problem }) => problem)).toEqual([
        expect.stringContaining(`holds rows of ${to}, from a rename`),
      ]);
      await findings[0]?.repair();
      await connected.server.close();
      expect(await paths(await open(), project)).toEqual(['src/cart.ts']);
    },
  );

  test('a project whose database was dropped behind our back cannot be renamed, and doctor is named', async () => {
    const codebase = await open();
    const [project, to] = [id('dropped'), id('new')];
    await codebase.index({ path: repository.path, project });
    await onServer(`DROP DATABASE "codebase_${project}" WITH (FORCE)`);
    await expect(codebase.renameProject({ project, to })).rejects.toMatchObject({
      code: 'database_unavailable',
      message: `The database of project ${project} is gone, though the registry has it; run codebase-mcp doctor.`,
    });
    expect((await codebase.projects()).map((one) => one.id)).toEqual([project]);
  });

  /** One more empty database on the server. */
  async function scratch(): Promise<string> {
    const place = await makeServerDatabase({});
    undo.push(place.remove);
    return place.config.databaseUrl ?? '';
  }
});
