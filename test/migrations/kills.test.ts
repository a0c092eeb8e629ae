// `codebase-mcp db upgrade 002` killed outright at twenty random moments on each engine: the database is at 005 or at 002,
// complete, never between, and the next run gets it to 002.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { currentRevision, upgrade } from '#src/migrations/runner.js';
import { AFTER, alone, BEFORE, completeAt } from './complete.js';
import { SERVER } from './engines.js';
import { type RealDatabase, type RealEngine, type Seeded, seeded } from './real-databases.js';

const KILLS = 20;
const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

function kills(engine: RealEngine): void {
  let original: Seeded;
  let scratch: string;
  beforeAll(async () => {
    original = await seeded(engine);
    scratch = await mkdtemp(join(tmpdir(), 'kills-'));
  });
  afterAll(async () => {
    await original.remove();
    await rm(scratch, { recursive: true });
  });

  function start({ env }: RealDatabase): ChildProcess {
    const log = { CODEBASE_MCP_MIGRATION_LOG_FILE: join(scratch, 'migration.log') };
    const args = [MAIN, 'db', 'upgrade', '002', '--backup-dir', join(scratch, 'backups')];
    return spawn(process.execPath, args, {
      env: { PATH: '/usr/bin', ...env, ...log },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  }

  /** Milliseconds from the first line about a step to the end, and the whole time before that. */
  async function duration(): Promise<{ start: number; steps: number }> {
    const database = await original.copy();
    const began = performance.now();
    const child = start(database);
    await firstStep(child);
    const first = performance.now();
    const [code] = (await once(child, 'exit')) as [number | null];
    expect(code).toBe(0);
    await database.remove();
    return { start: first - began, steps: performance.now() - first };
  }

  it(`${KILLS} times`, { timeout: 900_000 }, async () => {
    const usual = await duration();
    const found: string[] = [];
    for (let n = 0; n < KILLS; n++) {
      const database = await original.copy();
      const child = start(database);
      const gone = once(child, 'exit');
      // One in five anywhere from the start of the process, the others from the first step on.
      if (n % 5 !== 0) await Promise.race([firstStep(child), gone]);
      const delay = Math.random() * (n % 5 === 0 ? usual.start : 1.1 * usual.steps);
      await Promise.race([new Promise((resolve) => setTimeout(resolve, delay)), gone]);
      child.kill('SIGKILL');
      await gone;
      const connection = await database.open();
      if (engine === 'server') await alone(connection.db);
      found.push(await completeAt(connection.db, original.before));
      await upgrade(connection.db, { target: '002', archive: 'discard' });
      expect(await currentRevision(connection.db)).toBe(AFTER);
      await connection.close();
      await database.remove();
    }
    expect(found).toHaveLength(KILLS);
    expect(found.filter((revision) => revision !== BEFORE && revision !== AFTER)).toEqual([]);
    expect(found, 'no kill came in time').toContain(BEFORE);
  });
}

function firstStep(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.stderr?.on('data', (text: Buffer) => {
      if (text.includes('1/9')) resolve();
    });
  });
}

describe('SIGKILL, embedded', () => kills('embedded'));
describe.skipIf(SERVER === undefined)('SIGKILL, server (needs TEST_DATABASE_URL)', () => kills('server'));
