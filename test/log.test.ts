// A log is never a reason to stop. /dev/full takes no byte, as a full disk; only Linux has it.
import { expect, test } from 'vitest';
import { openLog } from '#src/log.js';
import { run } from './cli/command.js';
import { freshShop } from './cli/shop.js';

test.runIf(process.platform === 'linux')('a full disk under the log stops neither who logs nor the owner', async () => {
  expect(() => openLog('/dev/full').info('nobody reads this')).not.toThrow();
  const { setting } = await freshShop();
  setting.env['CODEBASE_MCP_LOG_FILE'] = '/dev/full';
  expect(await run(setting, 'search', 'cartTotal')).toMatchObject({ code: 0 });
  await setting.remove();
});
