// What becomes of an indexing job when those who wait for it stop waiting, or the owner dies: real processes, real signals.
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { IndexReport, StatusAnswer } from '#src/service.js';
import { makeRepository, type TestRepository } from '../app/repository.js';
import { freshSetting, outcome, run, type Setting, start } from '../cli/command.js';
import { call, connect } from '../mcp/client.js';
import { killOwner, logged, until } from './processes.js';

const FILES = 600;

let large: TestRepository;
let setting: Setting & { remove: () => Promise<void> };
beforeEach(async () => {
  const body = (n: number) =>
    Array.from({ length: 40 }, (_, i) => `export function task${n}x${i}(input: string) {\n  return input + ${i};\n}\n`);
  large = await makeRepository(
    Object.fromEntries(Array.from({ length: FILES }, (_, n) => [`src/file${n}.ts`, body(n).join('\n')])),
  );
  setting = await freshSetting(large.path);
});
afterEach(async () => {
  await setting.remove();
  await large.remove();
});

async function status(): Promise<StatusAnswer> {
  return JSON.parse((await run(setting, 'status', '--json')).stdout);
}

/** Files that are stored, whether or not their job has ended. */
async function stored(): Promise<number> {
  return (await status()).repositories[0]?.files ?? 0;
}

async function indexed(): Promise<IndexReport> {
  return JSON.parse((await run(setting, 'index', '--json')).stdout);
}

const lastJob = async () => (await status()).jobs[0];

test('Ctrl-C on the only one that waits cancels; on one of two it only ends the waiting', {
  timeout: 180_000,
}, async () => {
  const alone = start(setting, 'index');
  const aloneEnded = outcome(alone);
  await until(async () => (await stored()) > 0);
  alone.kill('SIGINT');
  expect((await aloneEnded).code).toBe(130);
  expect(await lastJob()).toMatchObject({ state: 'cancelled' });

  const [first, second] = [start(setting, 'index'), start(setting, 'index', '--json')];
  const [firstEnded, secondEnded] = [outcome(first), outcome(second)];
  await until(async () => (await lastJob())?.state === 'running');
  first.kill('SIGINT');
  expect((await firstEnded).code).toBe(130);
  const { code, stdout } = await secondEnded;
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ files: FILES });
});

test('a command that is killed lets its job come to the end', { timeout: 180_000 }, async () => {
  const child = start(setting, 'index');
  const ended = outcome(child);
  await until(async () => (await stored()) > 0);
  child.kill('SIGKILL');
  await ended;
  await until(async () => (await lastJob())?.state === 'completed');
  expect(await stored()).toBe(FILES);
});

test('an editor that is closed lets the job of its window come to the end', { timeout: 180_000 }, async () => {
  const client = await connect(setting, 'legacy');
  const asked = call(client, 'index_repository').catch(() => null);
  await until(async () => (await stored()) > 0);
  await client.close();
  await asked;
  await until(async () => (await lastJob())?.state !== 'running');
  expect(await lastJob()).toMatchObject({ state: 'completed', report: { files: FILES } });
});

test('a call that is cancelled cancels its job', { timeout: 180_000 }, async () => {
  const client = await connect(setting, 'legacy');
  const abort = new AbortController();
  const asked = client.callTool({ name: 'index_repository', arguments: {} }, { signal: abort.signal });
  await until(async () => (await stored()) > 0);
  abort.abort();
  await expect(asked).rejects.toThrow();
  await until(async () => (await lastJob())?.state === 'cancelled');
  await client.close();
});

test('the owner killed while it indexes: the command gets its report, from where the rows ended', {
  timeout: 180_000,
}, async () => {
  const child = start(setting, 'index', '--json');
  const ended = outcome(child);
  await until(async () => (await stored()) > FILES / 5);
  await killOwner(setting);
  const { code, stdout, stderr } = await ended;
  expect({ code, stderr: stderr.replace(/^(discovering|comparing|indexing|finishing).*\n/gm, '') }).toEqual({
    code: 0,
    stderr: '',
  });
  const report = JSON.parse(stdout) as IndexReport;
  expect(report).toMatchObject({ files: FILES, failed: [] });
  expect(report.files_unchanged).toBeGreaterThanOrEqual(FILES / 5);
  expect(report.files_unchanged + report.files_added).toBe(FILES);
});

test('an interrupted job goes on when the next owner starts, and nothing stored is done again', {
  timeout: 180_000,
}, async () => {
  const child = start(setting, 'index');
  const ended = outcome(child);
  let id: string | undefined;
  await until(async () => {
    const { jobs, repositories } = await status();
    id = jobs[0]?.job_id;
    return (repositories[0]?.files ?? 0) > FILES / 5;
  });
  // At once: the rest of the files takes no longer than a command or two.
  child.kill('SIGKILL');
  await killOwner(setting);
  await ended;
  await until(async () => (await lastJob())?.state === 'completed');
  expect(await lastJob()).toMatchObject({ job_id: id, error: null });
  const report = (await lastJob())?.report;
  expect(report?.files_unchanged).toBeGreaterThan(FILES / 5);
  expect((report?.files_unchanged ?? 0) + (report?.files_added ?? 0)).toBe(FILES);
  expect(await logged(setting)).toContain('an interrupted job goes on');
});

test('a job that ends the owner twice is not begun a third time', { timeout: 180_000 }, async () => {
  const child = start(setting, 'index');
  const ended = outcome(child);
  for (let deaths = 0; deaths < 2; deaths++) {
    await until(async () => (await lastJob())?.state === 'running');
    if (deaths === 0) child.kill('SIGKILL');
    await ended;
    await killOwner(setting);
  }
  expect(await lastJob()).toMatchObject({ state: 'interrupted', error: expect.stringContaining('index again') });
  expect((await indexed()).files).toBe(FILES);
});

test('owner stop interrupts a job, which goes on with the next owner', { timeout: 180_000 }, async () => {
  const child = start(setting, 'index', '--json');
  const ended = outcome(child);
  await until(async () => (await stored()) > 0);
  expect((await run(setting, 'owner', 'stop')).code).toBe(0);
  const { code, stdout } = await ended;
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ files: FILES });
});
