// Several processes on one PostgreSQL: a repository is indexed by one of them at a time, the others follow its row. Each
// codebase opened here stands for a process: they share nothing but the database.
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type OpenedCodebase, openCodebase } from '#src/app.js';
import type { Config } from '#src/config.js';
import { type Database, openDatabase } from '#src/database/database.js';
import { claimJob, jobsToResume, markInterrupted } from '#src/indexing/job-rows.js';
import { makeRepository, type TestRepository } from '../app/repository.js';
import { describeEngines, makePlace } from '../database/engines.js';

const FILES = 300;

describeEngines((engine) => {
  let config: Config;
  let database: Database;
  let repository: TestRepository;
  let processes: OpenedCodebase[];
  let removePlace: () => Promise<void>;
  beforeEach(async () => {
    const place = await makePlace(engine);
    config = place.config;
    removePlace = place.remove;
    processes = [];
    const text = Array.from({ length: 60 }, (_, i) => `export function value${i}() {\n  return ${i};\n}\n`).join('\n');
    repository = await makeRepository(
      Object.fromEntries(Array.from({ length: FILES }, (_, i) => [`src/f${i}.ts`, `// ${i}\n${text}`])),
    );
    database = await openDatabase(config, { holder: 'test' });
  });
  afterEach(async () => {
    await Promise.all(processes.map((process) => process.close()));
    await database.close();
    await removePlace();
    await repository.remove();
  });

  async function open(): Promise<OpenedCodebase> {
    const process = await openCodebase(config, { holder: 'test' });
    processes.push(process);
    return process;
  }

  async function insertJob(state: string, ago: string): Promise<void> {
    await sql`INSERT INTO index_jobs (project_id, repository_path, state, phase, started_at, heartbeat_at)
      VALUES ('default', ${repository.path}, ${state}, 'indexing', now() - ${ago}::interval, now() - ${ago}::interval)`.execute(
      database.allProjects,
    );
  }

  const states = async () =>
    (await database.allProjects.selectFrom('index_jobs').select('state').orderBy('started_at').execute()).map(
      (row) => row.state,
    );

  const storedFiles = async () => {
    const { rows } = await sql<{ n: number }>`SELECT count(*)::int AS n FROM code_files`.execute(database.allProjects);
    return rows[0]?.n ?? 0;
  };

  /** Starts indexing in one process; resolves when some of it is stored. */
  async function halfIndexed(process: OpenedCodebase) {
    const job = await process.startIndexing({ path: repository.path });
    while ((await storedFiles()) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    return job;
  }

  it('resumes what was interrupted once, and not what was interrupted twice, cancelled or completed', async () => {
    const resumed = async () => (await jobsToResume(database.allProjects)).length;
    const { kind } = database;
    await insertJob('running', '5 min');
    await markInterrupted(database.allProjects, kind);
    expect(await resumed()).toBe(1);
    await database.allProjects.updateTable('index_jobs').set({ state: 'running' }).execute();
    await markInterrupted(database.allProjects, kind);
    expect(await resumed()).toBe(0);
    await insertJob('completed', '3 min');
    expect(await resumed()).toBe(0);
    await insertJob('running', '2 min');
    await markInterrupted(database.allProjects, kind);
    expect(await resumed()).toBe(1);
    await insertJob('cancelled', '1 min');
    expect(await resumed()).toBe(0);
  });

  it('an interrupted job goes on under its id where nobody else can be at it, otherwise under a new one', async () => {
    await insertJob('running', '5 min');
    await markInterrupted(database.allProjects, database.kind);
    const [interrupted] = await jobsToResume(database.allProjects);
    const { job, mine } = await claimJob(database.inProject('default'), 'default', repository.path);
    expect(mine).toBe(true);
    expect(job).toMatchObject({ state: 'running', finished_at: null });
    expect(job.job_id === interrupted?.job_id).toBe(engine === 'embedded');
    // A process asks for no second one while it is at the first, so that here the first has ended without a last word.
    const again = await claimJob(database.inProject('default'), 'default', repository.path);
    expect(again.mine).toBe(engine === 'embedded');
    expect(again.job.job_id === job.job_id).toBe(engine === 'server');
  });

  it.runIf(engine === 'server')('indexes once for all that ask at once', async () => {
    const asking = await Promise.all(Array.from({ length: 4 }, open));
    const reports = await Promise.all(asking.map((process) => process.index({ path: repository.path })));
    expect(reports.map(({ files }) => files)).toEqual(Array(4).fill(FILES));
    expect(new Set(reports.map(({ duration_ms }) => duration_ms)).size).toBe(1);
    expect(await states()).toEqual(['completed']);
  });

  it.runIf(engine === 'server')(
    'who follows a job sees its progress and may stop waiting; the job goes on',
    async () => {
      const [working, following] = [await open(), await open()];
      const job = await halfIndexed(working);
      const abort = new AbortController();
      const waiting = following.index(
        { path: repository.path },
        { signal: abort.signal, onProgress: ({ job_id }) => job_id === job.job_id && abort.abort() },
      );
      await expect(waiting).rejects.toMatchObject({ code: 'cancelled', message: expect.stringContaining('goes on') });
      expect(await working.index({ path: repository.path })).toMatchObject({ files: FILES });
    },
  );

  it.runIf(engine === 'server')('a job is cancelled from another process, and writes nothing more', async () => {
    const [working, other] = [await open(), await open()];
    const { job_id } = await halfIndexed(working);
    expect(await other.cancel(job_id)).toMatchObject({ state: 'cancelled' });
    const left = await storedFiles();
    while (working.runningJobs() > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await storedFiles()).toBe(left);
    expect(left).toBeLessThan(FILES);
    expect(await states()).toEqual(['cancelled']);
  });

  it.runIf(engine === 'server')('a silent job is taken over, one that is heard of is not', async () => {
    await insertJob('running', '10 min');
    const process = await open();
    expect(await process.index({ path: repository.path })).toMatchObject({ files: FILES });
    expect(await states()).toEqual(['interrupted', 'completed']);
    await insertJob('running', '1 s');
    const job = await process.startIndexing({ path: repository.path });
    expect(job).toMatchObject({ state: 'running', phase: 'indexing' });
    await process.cancel(job.job_id);
  });

  it.runIf(engine === 'server')(
    'a process that was taken for dead writes nothing more when it comes back',
    async () => {
      const process = await open();
      await halfIndexed(process);
      await sql`UPDATE index_jobs SET state = 'interrupted'`.execute(database.allProjects);
      const left = await storedFiles();
      while (process.runningJobs() > 0) await new Promise((resolve) => setTimeout(resolve, 20));
      expect(await storedFiles()).toBe(left);
      expect(await states()).toEqual(['interrupted']);
    },
  );

  it.runIf(engine === 'server')('removing a repository ends the job that another process is at', async () => {
    const [working, other] = [await open(), await open()];
    await halfIndexed(working);
    await other.remove({ path: repository.path });
    while (working.runningJobs() > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await storedFiles()).toBe(0);
  });
});
