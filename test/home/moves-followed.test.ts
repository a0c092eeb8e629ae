// A move as the person at the terminal sees it, who asked the owner of the embedded database for it: how far it is, and that
// Ctrl-C ends it.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { outcome, run, type Setting, start } from '../cli/command.js';
import { freshShop } from '../cli/shop.js';
import { makeServerDatabase, query, SERVER_URL } from '../database/engines.js';
import { until } from '../owner/processes.js';
import { holdUp } from './hold-up.js';

describe.skipIf(SERVER_URL === undefined)('following a move (needs TEST_DATABASE_URL)', () => {
  let setting: Setting;
  let project: string;
  let url: string;
  const undo: (() => Promise<unknown>)[] = [];

  beforeEach(async () => {
    const shop = await freshShop();
    undo.push(shop.setting.remove);
    setting = shop.setting;
    project = `followed-${randomUUID().slice(0, 8)}`;
    const { config, remove } = await makeServerDatabase({});
    undo.push(remove);
    url = config.databaseUrl ?? '';
    Object.assign(setting.env, { AWAY: url, CODEBASE_MCP_ISOLATION: 'shared' });
    const away = { ...setting, env: { ...setting.env, DATABASE_URL: url } };
    expect(await run(away, 'projects')).toMatchObject({ code: 0 }); // makes the schema
    expect(await run(setting, 'index', '--project', project)).toMatchObject({ code: 0 });
  });
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });

  async function moving() {
    const child = start(setting, 'projects', 'move', project, '--to', 'env:AWAY');
    const held = await holdUp(url, 'code_chunks', () => outcome(child));
    return { child, held };
  }

  test('one that takes long tells on stderr how many rows of how many it has copied', async () => {
    const { held } = await moving();
    await sleep(2500); // lines come every two seconds
    await held.go();
    const { code, stdout, stderr } = await held.outcome;
    expect(code).toBe(0);
    const rows = [...stdout.matchAll(/: (\d+) rows?,/g)].reduce((sum, [, count]) => sum + Number(count), 0);
    expect(rows).toBeGreaterThan(10);
    expect(stderr).toMatch(new RegExp(`^(copying|comparing) \\d+ of ${rows} rows, \\w+$`, 'm'));
  });

  test('Ctrl-C leaves nothing at the target and the project where it was', async () => {
    const { child, held } = await moving();
    child.kill('SIGINT');
    expect(await held.outcome).toMatchObject({ code: 130, stdout: '' });
    await held.go();
    await until(async () => (await query(url, "SELECT FROM pg_locks WHERE locktype = 'advisory'")).length === 0);
    expect(await query(url, 'SELECT FROM repositories')).toEqual([]);
    expect((await run(setting, 'projects')).stdout).toContain(`${project}: 1 repository`);
  });
});
