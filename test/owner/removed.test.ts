// What people do to a data directory whose owner lives, taking its files for leftovers: real processes. Two owners would
// spoil the database without a word.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { takeLock } from '#src/database/lock.js';
import { run, type Setting } from '../cli/command.js';
import { freshShop } from '../cli/shop.js';
import { call, connect } from '../mcp/client.js';
import { isAlive, logged, ownerPid, until } from './processes.js';

let setting: Setting & { remove: () => Promise<void> };
let directory: string;
beforeEach(async () => {
  ({ setting } = await freshShop());
  setting.env['CODEBASE_MCP_OWNER_IDLE_SECONDS'] = '600';
  directory = String(setting.env['CODEBASE_MCP_DATA_DIR']);
});
afterEach(async () => {
  await setting.remove();
});

const SEARCH = { query: 'cartTotal' };
const ENDS = 'owner ends at once: its socket or its directory was removed';

test.runIf(process.platform === 'linux')(
  'the socket: the owner ends, and until then nobody takes its place',
  async () => {
    expect(await run(setting, 'search', 'cartTotal')).toMatchObject({ code: 0 });
    const pid = Number(await ownerPid(setting));
    process.kill(pid, 'SIGSTOP'); // so that it cannot end yet
    for (const name of await readdir(directory)) if (name.endsWith('.sock')) await rm(join(directory, name));
    await expect(takeLock(directory, 'test')).rejects.toThrow(`in use by process ${pid} (codebase-mcp owner`);
    process.kill(pid, 'SIGCONT');
    await until(() => !isAlive(pid));
    expect(await run(setting, 'search', 'cartTotal')).toMatchObject({ code: 0 });
    expect(await logged(setting)).toContain(ENDS);
  },
);

test('the directory: whoever is connected is answered by another owner, from a new index', async () => {
  const client = await connect(setting, 'legacy');
  expect(await call(client, 'search_code', SEARCH)).toMatchObject({ isError: false });
  const pid = Number(await ownerPid(setting));
  await rm(directory, { recursive: true });
  await until(() => !isAlive(pid));
  expect(await call(client, 'search_code', SEARCH)).toMatchObject({ isError: false });
  expect(await logged(setting)).toContain(ENDS);
  await client.close();
});

test('the file that says who holds it: it comes back, and the owner is found', async () => {
  expect(await run(setting, 'search', 'cartTotal')).toMatchObject({ code: 0 });
  const pid = await ownerPid(setting);
  await rm(join(directory, 'owner.json'));
  expect(await run(setting, 'search', 'cartTotal')).toMatchObject({ code: 0, stderr: '' });
  expect(await ownerPid(setting)).toBe(pid);
});
