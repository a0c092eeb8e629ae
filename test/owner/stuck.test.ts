// An owner that is suspended (SIGSTOP): nobody waits for ever, and it can be ended. Real processes, real signals.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { run, type Setting } from '../cli/command.js';
import { freshShop } from '../cli/shop.js';
import { call, connect } from '../mcp/client.js';
import { isAlive, ownerPid, until } from './processes.js';

let setting: Setting & { remove: () => Promise<void> };
beforeEach(async () => {
  ({ setting } = await freshShop());
});
afterEach(async () => {
  await setting.remove();
});

const SEARCH = { query: 'cartTotal' };

test.skipIf(process.platform === 'win32')(
  'a suspended owner: one clear error, owner stop ends it, the next request works',
  async () => {
    const client = await connect(setting, 'legacy');
    expect(await call(client, 'search_code', SEARCH)).toMatchObject({ isError: false });
    const pid = Number(await ownerPid(setting));
    process.kill(pid, 'SIGSTOP');
    const [asked, command] = await Promise.all([call(client, 'search_code', SEARCH), run(setting, 'projects')]);
    const problem = `is held by process ${pid} (codebase-mcp owner, since`;
    const next = 'end it with codebase-mcp owner stop, then run this again: what was stored is kept.';
    expect(asked).toMatchObject({ isError: true, text: expect.stringContaining(problem) });
    expect(asked.text).toContain(next);
    expect(command).toMatchObject({ code: 40, stderr: expect.stringContaining(problem) });

    const stopped = await run(setting, 'owner', 'stop');
    expect(stopped).toMatchObject({ code: 0, stderr: '' });
    expect(stopped.stdout).toContain(`Process ${pid}, which did not answer, was killed;`);
    await until(() => !isAlive(pid));
    expect(await call(client, 'search_code', SEARCH)).toMatchObject({ isError: false });
    await client.close();
  },
);

test.skipIf(process.platform === 'win32')(
  'an owner that is suspended for a moment answers when it goes on',
  async () => {
    const client = await connect(setting, 'legacy');
    await call(client, 'search_code', SEARCH);
    const pid = Number(await ownerPid(setting));
    process.kill(pid, 'SIGSTOP');
    const asked = call(client, 'search_code', SEARCH);
    setTimeout(() => process.kill(pid, 'SIGCONT'), 1000);
    expect(await asked).toMatchObject({ isError: false });
    expect(await ownerPid(setting)).toBe(pid);
    await client.close();
  },
);
