// A log is never a reason to stop, and holds nobody's source code. /dev/full takes no byte, as a full disk; only Linux has it.
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

test('what a database says of a row is not logged', () => {
  const file = join(tmpdir(), `codebase-mcp-log-${process.pid}.log`);
  const about = { code: '23514', detail: 'Failing row contains (const secret = 1;)', params: ['const secret = 1;'] };
  openLog(file).warn({ err: Object.assign(new Error('violates check constraint'), about) }, 'indexing ended early');
  const line = readFileSync(file, 'utf8');
  rmSync(file);
  expect(JSON.parse(line)).toMatchObject({ err: { message: 'violates check constraint', code: '23514' } });
  expect(line).not.toContain('secret');
});
