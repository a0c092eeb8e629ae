// `db seed`, `db backup` and `db restore` as an operator types them.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshSetting, type Outcome, run, type Setting } from '../cli/command.js';
import { SERVER } from './engines.js';
import { administer } from './real-databases.js';

const NAME = `files_${process.pid}`;

let setting: Setting & { remove: () => Promise<void> };
let data: string;
beforeAll(async () => {
  setting = await freshSetting();
  data = String(setting.env['CODEBASE_MCP_DATA_DIR']);
});
afterAll(() => setting.remove());

/** With `place`, another embedded directory or a server's URL. */
async function db(place: string | null, ...args: readonly string[]): Promise<Outcome> {
  const flag = place === null ? [] : [place.startsWith('postgres') ? '--database-url' : '--data-dir', place];
  return run(setting, ...flag, 'db', ...args);
}

async function succeeds(place: string | null, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await db(place, ...args);
  expect(stderr).not.toContain('codebase-mcp:');
  expect(code).toBe(0);
  return stdout;
}

describe('seed, backup, restore', () => {
  it('carries a database to another directory and says what it holds', async () => {
    const seeded = await succeeds(
      null,
      'seed',
      '--repositories',
      '3',
      '--chunks',
      '40',
      '--projects',
      '2',
      '--seed',
      '7',
    );
    expect(seeded).toMatchInlineSnapshot(`
      "chunk_embeddings  40 rows  91b86d7f74c13a6a
      code_chunks       40 rows  676a3665483e780b
      code_files         9 rows  8c739e9c7f0908d5
      embedding_models    1 row  84b093eb4851fbde
      file_embeddings   18 rows  4458a31efeaaf8e7
      index_jobs         0 rows  e3b0c44298fc1c14
      repositories       3 rows  dd1f24e89dd11cbc
      skipped_files      0 rows  e3b0c44298fc1c14
      "
    `);
    const [file = ''] = (await succeeds(null, 'backup')).trim().split('\n').slice(-1);
    expect(file.startsWith(join(data, 'backups'))).toBe(true);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await succeeds(join(data, '..', 'other'), 'restore', file)).toBe(seeded);
  });

  it('refuses to restore over rows', async () => {
    const [file = ''] = await readdir(join(data, 'backups'));
    const { code, stderr } = await db(null, 'restore', join(data, 'backups', file));
    expect(code).toBe(3);
    expect(stderr).toMatch(/The database has rows in .*; .* can only be restored where these tables are empty\./);
  });

  it.skipIf(SERVER === undefined)('carries it to a server (needs TEST_DATABASE_URL)', async () => {
    await administer(`create database ${NAME}`);
    try {
      const url = Object.assign(new URL(SERVER ?? ''), { pathname: `/${NAME}` }).href;
      const [file = ''] = await readdir(join(data, 'backups'));
      const restored = await succeeds(url, 'restore', join(data, 'backups', file));
      const second = join(data, 'backups', 'from-server.gz');
      expect(await succeeds(url, 'backup', second)).toBe(`${restored}${second}\n`);
    } finally {
      await administer(`drop database ${NAME} with (force)`);
    }
  });

  it('names what is wrong with a number', async () => {
    const { code, stderr } = await db(null, 'seed', '--chunks', 'many');
    expect(code).toBe(2);
    expect(stderr).toMatchInlineSnapshot(`
      "codebase-mcp: option '--chunks <n>' argument 'many' is invalid. Use a whole number from 0 to 10,000,000.
      "
    `);
  });
});
