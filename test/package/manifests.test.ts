// What registries and bundles say about the server is what it is.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freshSetting } from '../cli/command.js';
import { connect } from '../mcp/client.js';
import { ROOT } from './packed.js';

const read = (file: string) => JSON.parse(readFileSync(join(ROOT, file), 'utf8'));

test('server.json names this package and its version', () => {
  const { name, version, mcpName, bin } = read('package.json');
  const server = read('server.json');
  expect(server).toMatchObject({ name: mcpName, version, packages: [{ identifier: name, version }] });
  expect(server.description.length).toBeLessThanOrEqual(100);
  expect(Object.keys(bin)).toEqual([name]);
});

test('the bundle has this version, an entry point that is built, and the tools that the server lists', async () => {
  const { version, license, engines } = read('package.json');
  const manifest = read('manifest.json');
  expect(manifest).toMatchObject({ version, license, compatibility: { runtimes: engines } });
  expect(readFileSync(join(ROOT, manifest.server.entry_point), 'utf8')).toContain('#!');
  const setting = await freshSetting();
  const client = await connect(setting, 'modern');
  const { tools } = await client.listTools();
  expect(manifest.tools.map(({ name }: { name: string }) => name)).toEqual(tools.map(({ name }) => name));
  await client.close();
  await setting.remove();
});
