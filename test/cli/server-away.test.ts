// A server that goes away while a command works with it: the command says so and ends with the code for it, whatever else
// keeps the process alive or does not.
import { afterEach, describe, expect, test } from 'vitest';
import { makeRepository } from '../app/repository.js';
import { HAS_POSTGRES, startPrivateServer } from '../database/private-server.js';
import { freshSetting, outcome, run, start } from './command.js';

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

describe.skipIf(!HAS_POSTGRES)('a server of its own (needs scripts/postgres.sh start)', () => {
  test.each(['database', 'shared'] as const)(
    'stopped while a repository is indexed, isolation %s',
    async (isolation) => {
      const file = (n: number) =>
        Array.from({ length: 40 }, (_, i) => `export function task${n}x${i}() {\n  return ${n * i};\n}\n`).join('\n');
      const large = await makeRepository(
        Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`src/file${n}.ts`, file(n)])),
      );
      undo.push(() => large.remove());
      const server = await startPrivateServer();
      undo.push(() => server.remove());
      const { remove, ...fresh } = await freshSetting(large.path);
      undo.push(remove);
      const setting = {
        ...fresh,
        env: { ...fresh.env, DATABASE_URL: server.url, CODEBASE_MCP_ISOLATION: isolation },
      };
      const child = start(setting, 'index');
      const ended = outcome(child);
      const begun = new Promise<true>((resolve) =>
        child.stderr.on('data', (text: string) => /indexing \d/.test(text) && resolve(true)),
      );
      expect(await Promise.race([begun, ended])).toBe(true);
      await server.stop();
      const { code, stderr } = await ended;
      expect(stderr.trimEnd().split('\n').at(-1)).toMatch(
        /^codebase-mcp: (No PostgreSQL answers at|The database at) 127/,
      );
      expect(code).toBe(21);
      await server.start();
      expect(await run(setting, 'projects')).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('default: 1 rep'),
      });
    },
  );
});
