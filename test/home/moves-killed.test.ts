// Moves whose process is killed at each step: the source is whole, the target is whole or empty, and the same command once
// more brings it to its end.
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase } from '#src/database/database.js';
import { outcome, run, type Setting, start } from '../cli/command.js';
import { freshShop } from '../cli/shop.js';
import { databasesOf, makeServerDatabase, query, SERVER_URL } from '../database/engines.js';
import { killOwner, until } from '../owner/processes.js';
import { holdUp } from './hold-up.js';

describe.skipIf(SERVER_URL === undefined)('a move that is killed (needs TEST_DATABASE_URL)', () => {
  let embedded: Setting;
  let project: string;
  const undo: (() => Promise<unknown>)[] = [];

  beforeEach(async () => {
    const { setting } = await freshShop();
    undo.push(setting.remove);
    embedded = setting;
    project = `killed-${randomUUID().slice(0, 8)}`;
  });
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });

  /** A server's installation: its URL, and the program with DATABASE_URL set to it. */
  async function server(isolation: 'database' | 'shared'): Promise<{ url: string; setting: Setting }> {
    const { config, remove } = await makeServerDatabase({});
    undo.push(remove);
    const url = config.databaseUrl ?? '';
    embedded.env['CODEBASE_MCP_ISOLATION'] = isolation;
    return { url, setting: { ...embedded, env: { ...embedded.env, DATABASE_URL: url } } };
  }

  async function ran(setting: Setting, ...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await run(setting, ...args);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    return stdout;
  }

  /** Where the project is found, with what a search answers there. */
  async function found(setting: Setting): Promise<unknown> {
    const projects = JSON.parse(await ran(setting, 'projects', '--json')) as { id: string; files: number }[];
    if (!projects.some(({ id, files }) => id === project && files > 0)) return null;
    const answer = await ran(setting, 'search', '--project', project, '--all', '--json', 'nightly copy of the orders');
    return (JSON.parse(answer) as { results: unknown }).results;
  }

  /** The dead process's sessions are gone. */
  async function forgotten(url: string): Promise<void> {
    await until(async () => (await query(url, "SELECT FROM pg_locks WHERE locktype = 'advisory'")).length === 0);
  }

  test('the owner, while it copies to a shared server: nothing is there', async () => {
    const { url, setting: away } = await server('shared');
    await ran(away, 'projects'); // makes the schema
    await ran(embedded, 'index', '--project', project);
    const before = await found(embedded);
    const command = [embedded, 'projects', 'move', project, '--to', 'env:AWAY'] as const;
    embedded.env['AWAY'] = url;
    const held = await holdUp(url, 'code_chunks', () => outcome(start(...command)));
    await killOwner(embedded);
    await held.go();
    expect(await held.outcome).toMatchObject({ code: 21, stderr: expect.stringContaining('(moveProject)') });
    await forgotten(url);
    expect(await query(url, 'SELECT FROM repositories')).toEqual([]);
    expect(await found(embedded)).toEqual(before);
    await ran(...command);
    expect([await found(embedded), await found(away)]).toEqual([null, before]);
  });

  test('the owner, when all is copied from a shared server and not yet removed there: whole at both ends', async () => {
    const { url, setting: away } = await server('shared');
    await ran(away, 'index', '--project', project);
    const before = await found(away);
    const command = [away, 'projects', 'move', project, '--to', 'embedded'] as const;
    const held = await holdUp(url, 'repositories', () => outcome(start(...command)));
    await killOwner(embedded);
    await held.go();
    expect(await held.outcome).toMatchObject({ code: 21 });
    await forgotten(url);
    expect([await found(embedded), await found(away)]).toEqual([before, before]);
    await ran(...command);
    expect([await found(embedded), await found(away)]).toEqual([before, null]);
  });

  test('the owner, when the database on a server is made and not yet registered: not seen, and taken up again', async () => {
    const { url, setting: away } = await server('database');
    await ran(away, 'projects'); // makes the registry
    await ran(embedded, 'index', '--project', project);
    const before = await found(embedded);
    const command = [embedded, 'projects', 'move', project, '--to', 'env:AWAY'] as const;
    embedded.env['AWAY'] = url;
    const held = await holdUp(url, 'codebase_projects', () => outcome(start(...command)));
    await killOwner(embedded);
    await held.dismiss();
    expect(await held.outcome).toMatchObject({ code: 21 });
    await forgotten(url);
    expect(await databasesOf(url)).toEqual([`codebase_${project}`]);
    expect([await found(embedded), await found(away)]).toEqual([before, null]);
    await ran(...command);
    expect([await found(embedded), await found(away)]).toEqual([null, before]);
  });

  describe('to a database of its own', () => {
    let url: string;
    let own: string;
    let setting: Setting;
    let before: unknown;

    beforeEach(async () => {
      ({ url, setting } = await server('database'));
      const place = await makeServerDatabase({ CODEBASE_MCP_ISOLATION: 'shared' });
      undo.push(place.remove);
      own = place.config.databaseUrl ?? '';
      setting.env['OWN'] = own;
      await (await openDatabase(place.config, { holder: 'test' })).close(); // makes the schema
      await ran(setting, 'index', '--project', project);
      before = await found(setting);
    });

    async function killedAt(database: string, table: string): Promise<void> {
      const child = start(setting, 'projects', 'move', project, '--to', 'env:OWN');
      const held = await holdUp(database, table, () => outcome(child));
      child.kill('SIGKILL');
      await held.outcome;
      await held.dismiss();
      for (const each of [url, own]) await forgotten(each);
    }

    async function endsWell(): Promise<void> {
      await ran(setting, 'projects', 'move', project, '--to', 'env:OWN');
      expect(await found(setting)).toEqual(before);
      expect(await databasesOf(url)).toEqual([]);
      expect(await query(own, 'SELECT DISTINCT project_id FROM code_files')).toEqual([{ project_id: project }]);
      expect(await ran(setting, 'doctor')).toBe('Nothing is amiss.\n');
    }

    test('while it copies: nothing is there', async () => {
      await killedAt(own, 'index_jobs');
      expect(await query(own, 'SELECT FROM repositories')).toEqual([]);
      expect(await found(setting)).toEqual(before);
      await endsWell();
    });

    test('when all is copied and not yet registered', async () => {
      await killedAt(url, 'codebase_projects');
      expect(await query(own, 'SELECT DISTINCT project_id FROM code_files')).toEqual([{ project_id: project }]);
      expect(await query(url, 'SELECT connection FROM codebase_projects')).toEqual([{ connection: null }]);
      expect(await found(setting)).toEqual(before);
      await endsWell();
    });

    test('when it is registered and the database here not yet dropped: doctor finds it', async () => {
      await killedAt(url, 'pg_database');
      expect(await databasesOf(url)).toEqual([`codebase_${project}`]);
      expect(await found(setting)).toEqual(before);
      expect((await run(setting, 'doctor')).stdout).toContain(
        `Project ${project} is at env:OWN, and a database of it is here too`,
      );
      await ran(setting, 'doctor', '--repair');
      expect(await databasesOf(url)).toEqual([]);
      await endsWell();
    });
  });
});
