// .codebase-mcp/config.json as people and editors leave it: read, or refused with the place of what is wrong.
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { resolveProject } from '#src/project-config.js';

let directory: string;
let file: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'codebase-mcp-config-'));
  file = join(directory, '.codebase-mcp', 'config.json');
  await mkdir(join(directory, '.codebase-mcp'));
});
afterEach(() => rm(directory, { recursive: true }));

/** The project that the directory belongs to, or what is said instead. */
async function project(): Promise<string> {
  return await resolveProject(undefined, join(directory, 'src')).catch((error: Error) =>
    error.message.replace(directory, '<dir>'),
  );
}

test('a byte order mark, as Windows editors write it, is no error', async () => {
  await writeFile(file, '\ufeff{"version":"1.0","project":{"id":"client-a"}}');
  expect(await project()).toBe('client-a');
});

test('what is no JSON is refused with the line and column where it ceases to be', async () => {
  const places: (readonly [string, string])[] = [];
  for (const text of [
    '{"version":"1.0",\n  "project": {"id": client-a}\n}',
    '{"version":"1.0",\n  "project": }\n}',
    '{\n  // the client\n  "version":"1.0"}',
    '{"version":"1.0",}',
    "{'version':'1.0'}",
    '\ufffe{}',
    '{"version":"1.0"',
    '{"version":"1.0"}\nx',
    '',
  ]) {
    await writeFile(file, text);
    places.push([
      text,
      /^<dir>\/\.codebase-mcp\/config\.json is not valid JSON \((.*)\); it must/.exec(await project())?.[1] ?? '',
    ]);
  }
  expect(places.map(([, place]) => place)).toEqual([
    'line 2, column 21',
    'line 2, column 14',
    'line 2, column 3',
    'line 1, column 18',
    'line 1, column 2',
    'line 1, column 1',
    'line 1, column 17',
    'line 2, column 1',
    'line 1, column 1',
  ]);
});

test('an id that is none is refused with the file that says so', async () => {
  await writeFile(file, '{"version":"1.0","project":{"id":"Client-A"}}');
  expect(await project()).toMatch(/^<dir>\/\.codebase-mcp\/config\.json: "Client-A" is not a project id; use 1 to 50 /);
});

test('a pipe, a device or a directory in its place is not waited for', async () => {
  const refusal = '<dir>/.codebase-mcp/config.json is not a file of at most 10 MB; it must look like ';
  await mkdir(file);
  expect(await project()).toContain(refusal);
  await rm(file, { recursive: true });
  await symlink('/dev/zero', file);
  expect(await project()).toContain(refusal);
  await rm(file);
  execFileSync('mkfifo', [file]);
  expect(await project()).toContain(refusal);
});
