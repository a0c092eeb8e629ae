// The owner killed with SIGKILL at a random moment, again and again on one data directory: whatever it was at, the database
// opens, every committed row is there, nobody is blocked and no process is left. `npm run test:faults` runs 100 rounds, or
// FAULT_ROUNDS of them; `npm test` runs each scene once.
import { readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Config, loadConfig } from '#src/config.js';
import { CodebaseError } from '#src/errors.js';
import { connectCodebase } from '#src/owner/connect.js';
import { stopOwner } from '#src/owner/control.js';
import type { Codebase } from '#src/service.js';
import { makeRepository, type TestRepository } from '../app/repository.js';
import { freshSetting, type Setting } from '../cli/command.js';
import { isAlive, logged, ownerPid, until } from '../owner/processes.js';
import { type OlderDatabase, olderDatabase } from './older-database.js';

const ROUNDS = process.env['MODE'] === 'faults' ? Number(process.env['FAULT_ROUNDS'] ?? 100) : 5;
const FILES = 300;
const CHANGED_FILES = 100;
const LATEST_KILL_MS = 1500;
/** Longer than an upgrade takes: the start of the process, opening, eight or so steps. */
const LATEST_UPGRADE_MS = 4000;

let repository: TestRepository;
let setting: Setting & { remove: () => Promise<void> };
let config: Config;
let codebase: Codebase;
let older: OlderDatabase;
beforeAll(async () => {
  repository = await makeRepository(filesOfRound(0, FILES));
  setting = await freshSetting(repository.path);
  config = loadConfig({}, setting.env);
  codebase = await connectCodebase(config, { holder: 'test' });
  older = await olderDatabase(join(config.dataDirectory, '..', 'older'));
});
afterAll(async () => {
  await codebase.close();
  await setting.remove();
  await repository.remove();
});

/** The same number of chunks in every round, and other text. */
function filesOfRound(round: number, count: number): Record<string, string> {
  const text = (file: number) =>
    Array.from({ length: 30 }, (_, i) => `export function step${file}x${i}(): number {\n  return ${round};\n}\n`);
  return Object.fromEntries(Array.from({ length: count }, (_, file) => [`src/f${file}.ts`, text(file).join('\n')]));
}

/** What the owner is at when it is killed; a scene that has a data directory of its own kills its owner itself. */
const SCENES: Readonly<Record<string, (round: number) => Promise<unknown>>> = {
  indexing: async (round) => {
    await repository.write(filesOfRound(round, CHANGED_FILES));
    return await codebase.index({ path: repository.path });
  },
  searching: () =>
    Promise.all(
      Array.from({ length: 5 }, (_, i) => codebase.search({ query: `step${i}x1`, repository: repository.path })),
    ),
  starting: async () => {
    await stopOwner(config.dataDirectory);
    return await codebase.projects();
  },
  ending: () => stopOwner(config.dataDirectory),
  upgrading: async () => {
    const dataDirectory = await older.copy();
    const env = { ...setting.env, CODEBASE_MCP_DATA_DIR: dataDirectory };
    const open = () => connectCodebase(loadConfig({}, env), { holder: 'test' });
    const killed = killAtRandom({ ...setting, env }, LATEST_UPGRADE_MS);
    const first = await open();
    await killed;
    await first.close();
    const opened = await open();
    expect(await opened.projects()).toEqual(older.projects);
    await opened.close();
    await stopOwner(dataDirectory);
    await older.expectComplete(dataDirectory);
    await rm(dataDirectory, { recursive: true });
  },
};

async function killAtRandom(setting: Setting, latestMs: number): Promise<void> {
  await sleep(Math.random() * latestMs);
  const pid = await ownerPid(setting);
  if (pid === null || !isAlive(pid)) return; // between two owners: a moment like any other
  process.kill(pid, 'SIGKILL');
  await until(() => !isAlive(pid));
}

/** An answer, or one clear error. */
async function answered(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'answered';
  } catch (error) {
    if (!(error instanceof CodebaseError)) throw error;
    return error.code;
  }
}

/** Processes of this data directory besides this one; known on Linux only. */
async function processesLeft(): Promise<readonly string[]> {
  const ids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const mark = `CODEBASE_MCP_DATA_DIR=${dirname(config.dataDirectory)}/`;
  const environments = await Promise.all(ids.map((id) => readFile(`/proc/${id}/environ`, 'latin1').catch(() => '')));
  return ids.filter((id, i) => id !== String(process.pid) && environments[i]?.includes(mark));
}

test(`${ROUNDS} rounds of SIGKILL`, { timeout: ROUNDS * 60_000 }, async () => {
  const { files, chunks } = await codebase.index({ path: repository.path });
  expect(files).toBe(FILES);
  const outcomes: Record<string, number> = {};
  for (let round = 1; round <= ROUNDS; round++) {
    const scene = Object.keys(SCENES)[round % Object.keys(SCENES).length] ?? '';
    const [outcome] = await Promise.all([
      answered(Promise.resolve(SCENES[scene]?.(round))),
      killAtRandom(setting, LATEST_KILL_MS),
    ]);
    outcomes[`${scene}: ${outcome}`] = (outcomes[`${scene}: ${outcome}`] ?? 0) + 1;
    const { repositories } = await codebase.status({});
    expect(repositories).toEqual([expect.objectContaining({ files, chunks })]);
  }
  const started = (await logged(setting)).filter((message) => message === 'owner started').length;
  process.stderr.write(`${JSON.stringify({ rounds: ROUNDS, owners: started, outcomes })}\n`);

  await repository.write(filesOfRound(0, FILES));
  expect(await codebase.index({ path: repository.path })).toMatchObject({ files, chunks, failed: [] });
  expect(await codebase.index({ path: repository.path })).toMatchObject({ files_unchanged: FILES });
  const { results } = await codebase.search({ query: 'step7x3', repository: repository.path });
  expect(results[0]).toMatchObject({ path: 'src/f7.ts' });
  await codebase.close();
  await until(async () => (await processesLeft()).length === 0);
  expect(await logged(setting)).not.toContain('unexpected error');
});
