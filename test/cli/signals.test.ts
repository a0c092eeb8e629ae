// Ctrl-C, a closed pipe and the like, while a repository that takes a while is indexed.
import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeRepository, type TestRepository } from '../app/repository.js';
import { freshSetting, type Outcome, outcome, run, type Setting, start } from './command.js';

let large: TestRepository;
let setting: Setting & { remove: () => Promise<void> };
beforeAll(async () => {
  const file = (n: number) =>
    Array.from(
      { length: 40 },
      (_, i) => `export function task${n}x${i}(input: string): string {\n  return input + '${n * i}';\n}\n`,
    );
  large = await makeRepository(
    Object.fromEntries(Array.from({ length: 1500 }, (_, n) => [`src/file${n}.ts`, file(n).join('\n')])),
  );
  setting = await freshSetting(large.path);
});
afterAll(async () => {
  await setting.remove();
  await large.remove();
});

/** Starts indexing from nothing, which takes some seconds, and waits until some files were reported done. */
async function underWay(): Promise<{ child: ChildProcess; ended: Promise<Outcome> }> {
  await run(setting, 'remove', large.path); // what an interrupted run stored is not done again
  const child = start(setting, 'index');
  const ended = outcome(child);
  const begun = new Promise<true>((resolve) =>
    child.stderr.on('data', (text: string) => /indexing \d/.test(text) && resolve(true)),
  );
  expect(await Promise.race([begun, ended])).toBe(true);
  return { child, ended };
}

async function interrupt(signal: NodeJS.Signals): Promise<Outcome> {
  const { child, ended } = await underWay();
  child.kill(signal);
  return ended;
}

test('Ctrl-C cancels with 130, SIGTERM with 143, and the database opens afterwards', async () => {
  const first = await interrupt('SIGINT');
  expect(first.code).toBe(130);
  expect(first.stderr).not.toMatch(/unexpected|^\s+at /m);
  expect((await interrupt('SIGTERM')).code).toBe(143);
  const after = await run(setting, 'status');
  expect({ code: after.code, stderr: after.stderr }).toEqual({ code: 0, stderr: '' });
});

test('a second Ctrl-C ends the process at once', async () => {
  const { child, ended } = await underWay();
  child.kill('SIGINT');
  child.kill('SIGINT');
  expect((await ended).code).toBe(130);
});

test('a reader that closes the pipe early ends the program quietly', async () => {
  const child = start(setting, 'search', 'task', '--limit', '100', '--max-tokens', '100000');
  child.stdout.destroy();
  const { code, stderr } = await outcome(child);
  expect(code).toBe(0);
  expect(stderr).not.toMatch(/EPIPE|^\s+at /m);
});
