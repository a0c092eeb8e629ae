// The README tells the truth: its settings are the program's, and its command finds what it shows.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ENVIRONMENT } from '#src/environment.js';
import { freshSetting, run } from '../cli/command.js';
import { ROOT } from './packed.js';

const README = join(ROOT, 'README.md');
const MARK = /(<!-- environment:.*-->\n)[\s\S]*?(<!-- \/environment -->)/;

test('the settings are those of the program', async () => {
  const rows = Object.entries(ENVIRONMENT).map(([name, meaning]) => `| \`${name}\` | ${meaning} |`);
  const table = ['| variable | meaning |', '|---|---|', ...rows].join('\n');
  const text = readFileSync(README, 'utf8').replace(MARK, `$1${table}\n$2`);
  await expect(text).toMatchFileSnapshot(README);
});

test('the first command finds what the README shows', async () => {
  const text = readFileSync(README, 'utf8');
  const [, query] = /main\.js search [^"]+"([^"]+)"/.exec(text) ?? [];
  const [, path] = /^(\S+\.ts):\d+-\d+ /m.exec(text) ?? [];
  const setting = await freshSetting(ROOT);
  const { code, stdout } = await run(setting, 'search', String(query), '--repository', '.', '--limit', '3');
  expect(code).toBe(0);
  expect(stdout).toContain(`${path}:`);
  await setting.remove();
});

test('every command of the table exists', async () => {
  const setting = await freshSetting();
  const commands = readFileSync(README, 'utf8').matchAll(/^\| `codebase-mcp (\w+)/gm);
  for (const [, command] of commands) expect((await run(setting, String(command), '--help')).code).toBe(0);
  await setting.remove();
});
