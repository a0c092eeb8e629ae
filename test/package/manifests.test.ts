// What registries and bundles say about the server is what it is.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { ENVIRONMENT } from '#src/environment.js';
import { freshSetting } from '../cli/command.js';
import { connect } from '../mcp/client.js';
import { ROOT } from './packed.js';

const read = (file: string) => JSON.parse(readFileSync(join(ROOT, file), 'utf8'));

test('server.json names this package and its version', () => {
  const { name, version, mcpName, bin } = read('package.json');
  const server = read('server.json');
  expect(server).toMatchObject({ name: mcpName, version, packages: [{ identifier: name, version }] });
  expect(Object.keys(bin)).toEqual([name]);
  for (const { name: variable } of server.packages[0].environmentVariables)
    expect(ENVIRONMENT).toHaveProperty(variable);
});

/** The registry's rules for what this server says of itself, of the version that server.json names; nothing else may be said. */
const Text = z.string().min(1).max(100);
const Version = z.string().regex(/^\d+\.\d+\.\d+(-[\w.]+)?$/, 'a version, not a range');
const Input = { description: z.string().min(1), isRequired: z.boolean(), isSecret: z.boolean().optional() };
const RegistryServer = z.strictObject({
  $schema: z.literal('https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json'),
  name: z
    .string()
    .max(200)
    .regex(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/),
  title: Text,
  description: Text,
  version: Version,
  packages: z.tuple([
    z.strictObject({
      registryType: z.literal('npm'),
      identifier: z.string(),
      version: Version,
      runtimeHint: z.literal('npx'),
      transport: z.strictObject({ type: z.literal('stdio') }),
      packageArguments: z.array(z.strictObject({ type: z.literal('positional'), value: z.string() })),
      environmentVariables: z.array(z.strictObject({ name: z.string(), ...Input })),
    }),
  ]),
});

test('server.json keeps the rules of the registry', () => {
  expect(RegistryServer.safeParse(read('server.json')).error?.message).toBeUndefined();
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
