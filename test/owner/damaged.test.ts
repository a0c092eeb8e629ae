// A damaged index, found at the start and found at work: it is set aside, and the question is answered from the code.
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadConfig } from '#src/config.js';
import { connectDatabase } from '#src/database/database.js';
import { run, type Setting } from '../cli/command.js';
import { freshShop } from '../cli/shop.js';
import { call, connect } from '../mcp/client.js';
import { logged } from './processes.js';

let setting: Setting & { remove: () => Promise<void> };
let directory: string;
beforeEach(async () => {
  ({ setting } = await freshShop());
  directory = String(setting.env['CODEBASE_MCP_DATA_DIR']);
  expect(await run(setting, 'index')).toMatchObject({ code: 0 });
});
afterEach(async () => {
  await setting.remove();
});

const setAside = async () => (await readdir(directory)).filter((name) => name.startsWith('damaged'));

test('an index that does not open', async () => {
  await run(setting, 'owner', 'stop');
  await rm(join(directory, 'pgdata', 'global', 'pg_control'));
  const refused = await run(setting, 'db', 'current');
  expect(refused).toMatchObject({ code: 23, stderr: expect.stringContaining('codebase-mcp index sets it aside') });
  const { code, stdout } = await run(setting, 'search', 'cartTotal');
  expect(code).toBe(0);
  expect(stdout).toContain('src/cart.ts:');
  expect(stdout).toContain('The index before was damaged (could not open file "global/pg_control"');
  expect(await setAside()).toHaveLength(1);
  expect(await logged(setting)).toContain('a damaged index was set aside');
});

test('an index that turns out to be damaged while a window searches', async () => {
  await run(setting, 'owner', 'stop');
  const connection = await connectDatabase(loadConfig({}, setting.env), { holder: 'test' });
  const { rows } = await sql<{ file: string }>`SELECT pg_relation_filepath('code_chunks') AS file`.execute(
    connection.db,
  );
  await connection.close();
  const file = join(directory, 'pgdata', rows[0]?.file ?? '');
  await writeFile(file, (await readFile(file)).fill(7, 24, 100));
  const client = await connect(setting, 'legacy');
  const answer = await call(client, 'search_code', { query: 'cartTotal' });
  expect(answer).toMatchObject({ isError: false });
  expect(answer.text).toContain('src/cart.ts:');
  expect(answer.text).toContain('The index before was damaged (invalid page in block 0');
  expect(await setAside()).toHaveLength(1);
  expect((await logged(setting)).filter((message) => message === 'owner leaves')).not.toEqual([]);
  await client.close();
});
