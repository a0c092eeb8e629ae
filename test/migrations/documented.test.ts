// docs/migrations.md: its commands work as they stand, in that order, on a database that the first server left behind.
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { EXIT_CODES } from '#src/errors.js';
import { upgrade } from '#src/migrations/runner.js';
import { ENGINES, type Engine, rows } from './engines.js';
import { seedSmall } from './small-seed.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DOCUMENT = join(ROOT, 'docs/migrations.md');

it.skipIf(!ENGINES.server)('the commands of docs/migrations.md run (needs TEST_DATABASE_URL)', async () => {
  const text = await readFile(DOCUMENT, 'utf8');
  const commands = [...text.matchAll(/^codebase-mcp (.*)$/gm)].map(([, rest]) => String(rest).split(' '));
  expect(commands.length).toBeGreaterThan(8);
  const database = await (ENGINES.server as Engine).open();
  const cwd = await mkdtemp(join(tmpdir(), 'documented-'));
  await upgrade(database.db, { target: '005' });
  await seedSmall(database.db);
  await rows(database.db, "UPDATE alembic_version SET version_num = '005'");
  const env = {
    PATH: process.env['PATH'],
    DATABASE_URL: database.url ?? '',
    CODEBASE_MCP_DATA_DIR: join(cwd, 'data'),
    CODEBASE_MCP_MIGRATION_LOG_FILE: join(cwd, 'migration.log'),
  };
  for (const args of commands) {
    execFileSync(process.execPath, [join(ROOT, 'dist/cli/main.js'), ...args], { cwd, env, stdio: 'pipe' });
  }
  await rm(cwd, { recursive: true });
  await database.close();
});

it('the exit codes of docs/migrations.md are those of the program', async () => {
  const documented = [...(await readFile(DOCUMENT, 'utf8')).matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
  const {
    usage,
    schema_mismatch,
    database_newer,
    database_unavailable,
    database_unsuitable,
    permission_denied,
    disk_full,
    timeout,
  } = EXIT_CODES;
  expect(documented).toEqual([
    0,
    usage,
    schema_mismatch,
    database_newer,
    database_unavailable,
    database_unsuitable,
    permission_denied,
    disk_full,
    timeout,
  ]);
});
