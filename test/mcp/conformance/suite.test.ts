// The protocol's own conformance suite against the real HTTP server: all of it with the suite's fixtures, and what needs no
// fixtures against the server as people run it. scripts/conformance.sh runs the newest suite, which needs a newer Node.
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { freshSetting } from '../../cli/command.js';
import { serve } from '../http/server.js';

const SUITE = createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/dist/index.js');
const FIXTURES = fileURLToPath(new URL('fixtures.mjs', import.meta.url));

/** Ends with its report, and with an error when a check has failed. */
async function conformance(url: URL, ...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [SUITE, 'server', '--url', url.href, ...args]);
  return stdout;
}

/** The suite gives each answer little time; the first one would have to open the index. */
async function ready(url: URL): Promise<void> {
  expect((await fetch(new URL('/readyz', url))).status).toBe(200);
}

test('with fixtures the whole suite passes', async () => {
  const setting = await freshSetting();
  setting.env.CODEBASE_MCP_CONFORMANCE_FIXTURES = FIXTURES;
  const server = await serve(setting);
  await ready(server.url);
  const report = await conformance(server.url);
  expect(report).toContain('Total: 40 passed, 0 failed');
  await server.stop();
  await setting.remove();
});

const GENERIC = [
  ...['server-initialize', 'ping', 'completion-complete', 'tools-list', 'resources-list', 'prompts-list'],
  ...['server-sse-multiple-streams', 'dns-rebinding-protection'],
];

test.each(GENERIC)('%s passes without fixtures', async (scenario) => {
  const setting = await freshSetting();
  const server = await serve(setting);
  await ready(server.url);
  expect(await conformance(server.url, '--scenario', scenario)).toMatch(/Passed: ([1-9])\/\1, 0 failed/);
  await server.stop();
  await setting.remove();
});
