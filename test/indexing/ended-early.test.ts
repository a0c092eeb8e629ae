// What is left of a run that ends early: real files, real databases.

import { renameSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadConfig } from '#src/config.js';
import type { Embedder } from '#src/embedding/embedder.js';
import { openEmbedder } from '#src/embedding/open.js';
import { cancelJob, claimJob } from '#src/indexing/job-rows.js';
import { Jobs } from '#src/indexing/jobs.js';
import { Lanes } from '#src/indexing/lanes.js';
import { indexRepository } from '#src/indexing/run.js';
import { openLog } from '#src/log.js';
import type { Job } from '#src/service.js';
import { makeRepository, type TestRepository } from '../app/repository.js';
import { describeEngines, openTestDatabase, type TestDatabase } from '../database/engines.js';

const FILES = 40;
const never = new AbortController().signal;

describeEngines((engine) => {
  let database: TestDatabase;
  let repository: TestRepository;
  let embedder: Embedder;
  let lanes: Lanes;
  beforeEach(async () => {
    database = await openTestDatabase(engine);
    repository = await makeRepository(
      Object.fromEntries(Array.from({ length: FILES }, (_, i) => [`src/f${i}.ts`, `export const value = ${i};\n`])),
    );
    const { embedder: settings } = loadConfig({}, {});
    embedder = await openEmbedder(settings);
    lanes = new Lanes(settings);
  });
  afterEach(async () => {
    await lanes.close();
    await database.remove();
    await repository.remove();
  });

  const jobs = () => new Jobs({ database, embedder, lanes, log: openLog('/dev/null'), explain: (error) => error });

  const repositories = async () =>
    (await database.db.selectFrom('repositories').select('path').execute()).map(({ path }) => path);

  const storedFiles = async () => (await database.db.selectFrom('code_files').select('path').execute()).length;

  it('a job that was cancelled before it stored anything leaves no repository', async () => {
    const inProject = database.inProject('default');
    const { job } = await claimJob(inProject, 'default', repository.path);
    await cancelJob(inProject.db, job.job_id);
    const run = {
      database: inProject,
      embedder,
      lanes,
      projectId: 'default',
      jobId: job.job_id,
      root: repository.path,
    };
    await expect(indexRepository({ ...run, signal: never, onProgress: () => {} })).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(await repositories()).toEqual([]);
  });

  it('one that brings a repository up to date makes none that was removed', async () => {
    await expect((await jobs().start('default', repository.path, true)).wait({})).rejects.toMatchObject({
      code: 'not_found',
    });
    expect(await repositories()).toEqual([]);
    await (await jobs().start('default', repository.path)).wait({});
    expect(await (await jobs().start('default', repository.path, true)).wait({})).toMatchObject({ files: FILES });
  });

  it('neither does one that is cancelled when it has made the row; what was indexed before stays', async () => {
    const cancelled = async () => {
      const abort = new AbortController();
      const job = await jobs().start('default', repository.path);
      const onProgress = ({ phase }: Job) => phase === 'comparing' && abort.abort();
      const waiting = job.wait({ signal: abort.signal, onProgress: (at) => void onProgress(at) });
      await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    };
    await cancelled();
    expect(await repositories()).toEqual([]);
    await (await jobs().start('default', repository.path)).wait({});
    await cancelled();
    expect(await repositories()).toEqual([repository.path]);
    expect(await storedFiles()).toBe(FILES);
  });

  it('an empty repository stays when another job is at it', async () => {
    const inProject = database.inProject('default');
    const { job } = await claimJob(inProject, 'default', repository.path);
    const run = {
      database: inProject,
      embedder,
      lanes,
      projectId: 'default',
      jobId: job.job_id,
      root: repository.path,
    };
    const taken = new AbortController();
    const onProgress = async ({ phase }: Pick<Job, 'phase'>) => {
      if (phase === 'comparing') taken.abort(new Error('suspended'));
    };
    await sql`INSERT INTO index_jobs (project_id, repository_path, state, phase) VALUES ('default', ${repository.path}, 'running', 'discovering')`.execute(
      database.db,
    );
    await expect(indexRepository({ ...run, signal: taken.signal, onProgress })).rejects.toThrow('suspended');
    expect(await repositories()).toEqual([repository.path]);
  });

  it('a directory that goes away in the middle keeps its index', async () => {
    const codebase = jobs();
    await (await codebase.start('default', repository.path)).wait({});
    const away = `${repository.path}-away`;
    await repository.write(Object.fromEntries(Array.from({ length: FILES }, (_, i) => [`src/f${i}.ts`, `// ${i}\n`])));
    const job = await codebase.start('default', repository.path);
    const onProgress = ({ phase }: Job) => phase === 'comparing' && renameSync(repository.path, away);
    await expect(job.wait({ onProgress: (at) => void onProgress(at) })).rejects.toThrow(
      `The directory ${repository.path} does not exist`,
    );
    expect(await storedFiles()).toBe(FILES);
    await rename(away, repository.path);
    expect(await (await codebase.start('default', repository.path)).wait({})).toMatchObject({ files_changed: FILES });
  });

  it('whoever asks while a job is being cancelled gets a job of its own', async () => {
    const codebase = jobs();
    const first = await codebase.start('default', repository.path);
    await first.cancel();
    const second = await codebase.start('default', repository.path);
    expect(second.id).not.toBe(first.id);
    expect(await second.wait({})).toMatchObject({ files: FILES });
  });

  it.runIf(engine === 'embedded')(
    'a job whose end cannot be written does not seem to run, and goes on at once',
    async () => {
      const codebase = jobs();
      const job = await codebase.start('default', repository.path);
      await sql`ALTER TABLE index_jobs RENAME TO out_of_reach`.execute(database.db);
      await expect(job.wait({})).rejects.toThrow('index_jobs');
      await sql`ALTER TABLE out_of_reach RENAME TO index_jobs`.execute(database.db);
      expect(await database.db.selectFrom('index_jobs').select('state').execute()).toEqual([{ state: 'running' }]);
      expect(codebase.known(job.id)).toMatchObject({ state: 'failed', error: expect.stringContaining('index_jobs') });
      const next = await codebase.start('default', repository.path);
      expect(next.id).toBe(job.id);
      expect(next.snapshot()).toMatchObject({ state: 'running', phase: 'discovering' });
      expect(await next.wait({})).toMatchObject({ files: FILES });
    },
  );
});
