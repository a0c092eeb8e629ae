// An owner that nobody asks costs next to nothing, and is there at once when somebody does. What the system says of the
// real process; only Linux tells it in files.
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { run, type Setting } from '../cli/command.js';
import { freshShop } from '../cli/shop.js';
import { call, connect } from '../mcp/client.js';
import { ownerPid } from './processes.js';

const MOST_RESIDENT_KB = 250 * 1024;
const WINDOW_MS = 10_000;
/** Of a hundredth of a second each. */
const MOST_TICKS = 5;
/** The engine closes after half a minute, on a busy machine later. */
const COMES_TO_REST = { timeout: 100_000, interval: 1000 };

let setting: Setting & { remove: () => Promise<void> };
beforeEach(async () => {
  ({ setting } = await freshShop());
  setting.env['CODEBASE_MCP_OWNER_IDLE_SECONDS'] = '600';
});
afterEach(async () => {
  await setting.remove();
});

interface Cost {
  /** Processor time, in ticks. */
  readonly ticks: number;
  /** Bytes handed to write calls of any kind. */
  readonly written: number;
}

async function costOf(pid: number): Promise<Cost> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /s, '').split(' ');
  const written = /^wchar: (\d+)$/m.exec(await readFile(`/proc/${pid}/io`, 'utf8'))?.[1];
  return { ticks: Number(fields[11]) + Number(fields[12]), written: Number(written) };
}

async function costOfWindow(pid: number): Promise<Cost> {
  const before = await costOf(pid);
  await sleep(WINDOW_MS);
  const after = await costOf(pid);
  return { written: after.written - before.written, ticks: after.ticks - before.ticks };
}

function isRest(ticks: number): boolean {
  return ticks <= MOST_TICKS;
}

async function residentKb(pid: number): Promise<number> {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

test.runIf(process.platform === 'linux')(
  'at rest, with a window open: under 250 MB, no processor time, nothing written; then it answers as before',
  { timeout: 240_000 },
  async () => {
    expect(await run(setting, 'index')).toMatchObject({ code: 0 });
    await run(setting, 'owner', 'stop'); // threads that index are kept for some minutes
    const client = await connect(setting, 'legacy');
    const search = () => call(client, 'search_code', { query: 'cartTotal' });
    expect(await search()).toMatchObject({ isError: false });
    const pid = Number(await ownerPid(setting));
    await expect.poll(() => residentKb(pid), COMES_TO_REST).toBeLessThan(MOST_RESIDENT_KB);
    await expect.poll(() => costOfWindow(pid), COMES_TO_REST).toEqual({ written: 0, ticks: expect.toSatisfy(isRest) });
    const again = await search();
    expect(again.text).toContain('src/cart.ts:');
    expect(await ownerPid(setting)).toBe(pid);
    await client.close();
  },
);
