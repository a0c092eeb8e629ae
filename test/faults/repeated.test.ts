// What a death costs: the owner killed at a random moment of indexing, and how much of the work is done twice.
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadConfig } from '#src/config.js';
import { connectCodebase } from '#src/owner/connect.js';
import { makeRepository, type TestRepository } from '../app/repository.js';
import { freshSetting, type Setting } from '../cli/command.js';
import { killOwner } from '../owner/processes.js';

const ROUNDS = process.env['MODE'] === 'faults' ? 5 : 1;
const FILES = 5000;
const MOST_REPEATED = 0.05;
/** Files that the lanes of a machine with few cores hold at most. */
const IN_HAND = 64 * Math.max(1, availableParallelism() - 1);

let repository: TestRepository;
let setting: Setting & { remove: () => Promise<void> };
beforeEach(async () => {
  const text = (n: number) =>
    `/** Step ${n}. */\nexport function step${n}(input: number): number {\n  return input + ${n};\n}\n`;
  repository = await makeRepository(
    Object.fromEntries(Array.from({ length: FILES }, (_, n) => [`src/d${n % 50}/f${n}.ts`, text(n)])),
  );
  setting = await freshSetting(repository.path);
});
afterEach(async () => {
  await setting.remove();
  await repository.remove();
});

test.each(Array.from({ length: ROUNDS }, (_, i) => i + 1))(
  `round %d: killed while it indexes ${FILES} files, less than ${MOST_REPEATED * 100} % is done again`,
  { timeout: 180_000 },
  async () => {
    const codebase = await connectCodebase(loadConfig({}, setting.env), { holder: 'test' });
    let begun = 0;
    let job = '';
    let killed = false;
    const indexing = codebase.index(
      { path: repository.path },
      {
        onProgress: ({ phase, files_done, job_id }) => {
          if (phase === 'indexing' && !killed) [begun, job] = [files_done, job_id];
        },
      },
    );
    const moment = FILES * (0.2 + 0.6 * Math.random());
    while (begun < moment) await sleep(5);
    await killOwner(setting);
    killed = true;
    await indexing;
    const { report } = await codebase.job(job); // the killed one, which went on
    if (report === null) throw new Error('the job did not come to its end');
    expect(report).toMatchObject({ files: FILES, failed: [] });
    expect(report.files_unchanged + report.files_added).toBe(FILES);
    // Progress counts a list of files when the one before it is stored; one more was being prepared.
    const repeated = begun + IN_HAND - report.files_unchanged;
    process.stderr.write(`${JSON.stringify({ begun, stored: report.files_unchanged, repeated })}\n`);
    expect(report.files_unchanged).toBeGreaterThan(0.15 * FILES);
    expect(repeated).toBeLessThan(MOST_REPEATED * FILES);
    await codebase.close();
  },
);
