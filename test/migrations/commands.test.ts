// The `db` commands as an operator types them: answers on stdout, progress on stderr, a JSON line for everything in the log,
// exit codes that scripts can use, and no password anywhere.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '#src/config.js';
import { openDatabase } from '#src/database/database.js';
import { ENGINES, type Engine, rows, type TestDatabase } from './engines.js';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const PASSWORD = 'pa55-word';

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'commands-'));
});
afterAll(() => rm(directory, { recursive: true }));

const logFile = () => join(directory, 'migration.log');

function db(url: string | null, ...args: readonly string[]): Promise<Outcome> {
  const env = {
    PATH: process.env['PATH'],
    CODEBASE_MCP_DATA_DIR: join(directory, 'data'),
    CODEBASE_MCP_LOG_FILE: join(directory, 'codebase-mcp.log'),
    CODEBASE_MCP_MIGRATION_LOG_FILE: logFile(),
  };
  const flags = url === null ? [] : ['--database-url', url];
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, 'db', ...args, ...flags], { env }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
}

const log = async (): Promise<readonly Record<string, unknown>[]> =>
  (await readFile(logFile(), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** Durations differ from run to run. */
const withoutTimes = (text: string): string => text.replaceAll(/ +[\d.]+ m?s\b/g, ' …').replaceAll(/ +$/gm, '');

describe.skipIf(!ENGINES.server)('db on a server (needs TEST_DATABASE_URL)', () => {
  let database: TestDatabase;
  let url: string;
  beforeAll(async () => {
    database = await (ENGINES.server as Engine).open();
    url = Object.assign(new URL(database.url ?? ''), { password: PASSWORD }).href;
  });
  afterAll(() => database.close());

  it('upgrade says each step, and sums up', async () => {
    await db(url, 'upgrade', '005');
    const { code, stdout, stderr } = await db(url, 'upgrade', '+1');
    expect(code).toBe(0);
    expect(withoutTimes(stdout)).toMatchInlineSnapshot(`
      "002_remove_non_search_tables
        1/9 prerequisites …
        2/9 foreign keys and dependents …
        3/9 repositories.project_id …
        4/9 code_chunks.project_id …  code_chunks 0
        5/9 check constraints …
        6/9 index idx_project_repository …
        7/9 nine tables dropped …
        8/9 verification …
        9/9 summary …  repositories 0, code_chunks 0
      005_case_insensitive_vendor → 002_remove_non_search_tables in …
      "
    `);
    expect(stderr).toMatch(
      /upgrade 002_remove_non_search_tables 1\/9 prerequisites …\nupgrade 002_remove_non_search_tables 1\/9 prerequisites: [\d.]+ ms\n/,
    );
    expect(stderr).toMatch(
      / {2}notice: constraint "check_repositories_project_id" of relation "repositories" does not exist, skipping\n/,
    );
    expect(stderr).toMatch(/005_case_insensitive_vendor → 002_remove_non_search_tables committed, 1 revision in/);
  });

  it('writes a JSON line for the start and the end of every step, and for the notices', async () => {
    const lines = (await log()).filter((line) => line['revision'] === '002_remove_non_search_tables');
    expect(lines.filter(({ msg }) => msg === 'step start')).toHaveLength(9);
    expect(lines.filter(({ msg }) => msg === 'step end').map(({ step }) => step)).toContain('9/9');
    expect(lines.find(({ msg, step }) => msg === 'step end' && step === '9/9')).toMatchObject({
      command: 'db upgrade',
      direction: 'upgrade',
      title: 'summary',
      counts: { repositories: 0, code_chunks: 0 },
      ms: expect.any(Number),
    });
    expect(lines.some(({ notice }) => String(notice).includes('skipping'))).toBe(true);
  });

  it('current, history and check say where the database is', async () => {
    expect((await db(url, 'current')).stdout).toBe('002_remove_non_search_tables\n');
    expect(JSON.parse((await db(url, 'current', '--json')).stdout)).toEqual({
      revision: '002_remove_non_search_tables',
      head: '009_project_keys',
    });
    expect((await db(url, 'history')).stdout).toMatchInlineSnapshot(`
      "  001_initial_schema             repositories, code chunks with vectors, tasks
        003_project_tracking           work items, vendors, deployments
        005_case_insensitive_vendor    vendor names unique regardless of case
      → 002_remove_non_search_tables   project_id on repositories and chunks, nine tables fewer
        006_search                     files, symbols, vectors of any model, jobs
        008_row_level_security         rows of other projects are hidden from all but the owner
        009_project_keys               every key has the project id
      "
    `);
    const { code, stdout } = await db(url, 'check');
    expect(code).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
      "revision 002_remove_non_search_tables
      ✓ code_chunks is a table
      ✓ repositories is a table
      ✓ code_chunks has its 10 columns
      ✓ code_chunks has its 3 constraints
      ✓ code_chunks has its 3 indexes
      ✓ repositories has its 8 columns
      ✓ repositories has its 2 constraints
      ✓ absent: chunk_embeddings, code_files, deployment_vendors, deployments, embedding_models, file_embeddings, index_jobs, skipped_files, task_branches, task_commits, tasks, vendor_test_results, vendors, work_item_dependencies, work_items
      ✓ every chunk has a repository
      ✓ every chunk is in the project of its repository
      ✓ every project id matches ^[a-z0-9-]{1,50}$
      "
    `);
  });

  it('downgrade takes -1, a dry run changes nothing, --sql prints, --json answers', async () => {
    const dry = await db(url, 'downgrade', '-1', '--dry-run', '--json');
    expect(JSON.parse(dry.stdout)).toMatchObject({
      from: '002_remove_non_search_tables',
      to: '005_case_insensitive_vendor',
      dry_run: true,
      backups: [],
    });
    expect((await db(url, 'downgrade', '005', '--sql')).stdout).toMatch(
      /^-- codebase-mcp: from 002_remove_non_search_tables to 005[\s\S]*\nCOMMIT;\n/,
    );
    expect((await db(url, 'current')).stdout).toBe('002_remove_non_search_tables\n');
    expect((await db(url, 'downgrade', '-1')).code).toBe(0);
    expect((await db(url, 'current')).stdout).toBe('005_case_insensitive_vendor\n');
    expect((await db(url, 'upgrade')).code).toBe(0);
    expect((await db(url, 'upgrade')).stdout).toBe('009_project_keys: nothing to do\n');
  });

  it('check finds every difference and exits 3', async () => {
    await rows(database.db, 'ALTER TABLE code_chunks ALTER COLUMN symbol SET NOT NULL, DROP COLUMN kind');
    await rows(database.db, 'CREATE TABLE vendors (id integer)');
    const { code, stdout, stderr } = await db(url, 'check');
    expect(code).toBe(3);
    expect(stdout.split('\n').filter((line) => !line.startsWith('✓'))).toMatchInlineSnapshot(`
      [
        "revision 009_project_keys",
        "✗ code_chunks has its 14 columns",
        "    column code_chunks.kind is missing (text)",
        "    column code_chunks.symbol is "text not null", not "text"",
        "✗ absent: deployment_vendors, deployments, task_branches, task_commits, tasks, vendor_test_results, vendors, work_item_dependencies, work_items",
        "    table vendors should not be there",
        "✗ the data keeps its rules",
        "    not looked at, because columns are missing or of another type",
        "",
      ]
    `);
    expect(stderr).toMatch(/^codebase-mcp: 4 differences to revision 009_project_keys; /);
  });

  it('a newer database is refused with exit code 4, and the log says why', async () => {
    await rows(database.db, "UPDATE alembic_version SET version_num = '099_later'");
    for (const command of ['upgrade', 'current', 'check']) expect((await db(url, command)).code).toBe(4);
    const failed = (await log()).findLast(({ msg }) => msg === 'failed, everything rolled back');
    expect(failed).toMatchObject({ command: 'db check', reason: expect.stringContaining('099_later') });
  });

  it('a failed step is logged with its SQLSTATE', async () => {
    await rows(database.db, 'DROP SCHEMA public CASCADE; CREATE SCHEMA public');
    await db(url, 'upgrade', '005');
    await rows(database.db, 'CREATE VIEW names AS SELECT name FROM vendors');
    expect((await db(url, 'upgrade')).code).toBe(3);
    expect((await log()).findLast(({ msg }) => msg === 'failed, everything rolled back')).toMatchObject({
      revision: '002_remove_non_search_tables',
      step: '2/9',
      title: 'foreign keys and dependents',
      sqlstate: 'CM002',
    });
  });

  it('arguments that mean nothing exit 2 with one line', async () => {
    for (const args of [
      ['upgrade', 'nowhere'],
      ['downgrade', '-9'],
      ['downgrade'],
      ['upgrade', '--timeout', 'soon'],
      ['frobnicate'],
    ]) {
      const { code, stderr } = await db(url, ...args);
      expect(code, args.join(' ')).toBe(2);
      expect(stderr).toMatch(/codebase-mcp: .*\n$/);
    }
  });

  it('a server that does not answer is named without its password', async () => {
    const { code, stderr } = await db(`postgres://me:${PASSWORD}@127.0.0.1:1/none`, 'upgrade');
    expect(code).toBe(21);
    expect(stderr).toContain('127.0.0.1:1/none');
    expect(stderr).not.toContain(PASSWORD);
  });

  it('the upgrade that opening a new database makes is in the log too', async () => {
    await rows(database.db, 'DROP SCHEMA public CASCADE; CREATE SCHEMA public');
    const config = loadConfig({ databaseUrl: url }, { CODEBASE_MCP_MIGRATION_LOG_FILE: logFile() });
    await (await openDatabase(config, { holder: 'codebase-mcp index' })).close();
    expect((await log()).at(-1)).toMatchObject({
      command: 'codebase-mcp index',
      revision: '009_project_keys',
      step: '3/3',
      msg: 'step end',
    });
  });

  it('no password is in any log', async () => {
    expect(await readFile(logFile(), 'utf8')).not.toContain(PASSWORD);
  });
});

describe('db on the embedded database', () => {
  it('goes down and up again', async () => {
    expect((await db(null, 'downgrade', '005')).code).toBe(0);
    expect((await db(null, 'upgrade', '--json')).stdout).toContain('"to": "009_project_keys"');
    expect((await db(null, 'check')).code).toBe(0);
  });

  it('stops at the time limit, also within a statement, and has changed nothing', async () => {
    await db(null, 'downgrade', '005');
    await db(null, 'seed', '--chunks', '1500');
    await db(null, 'upgrade', '--no-backup');
    // The way back builds the vector index, one statement of several seconds.
    const { code, stderr } = await db(null, 'downgrade', '002', '--timeout', '1s');
    expect(code).toBe(40);
    expect(stderr).toMatch(
      /codebase-mcp: The 1 s given are over and everything was rolled back; give it longer with --timeout\.\n$/,
    );
    expect((await db(null, 'check')).stdout).toMatch(/^revision 009_project_keys\n(✓ .*\n)+$/);
  }, 240_000);
});
