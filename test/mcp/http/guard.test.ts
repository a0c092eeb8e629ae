// Timing cannot tell what exists: for another's project, path or job the same is looked up as for nobody's.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openCodebase } from '#src/app.js';
import { loadConfig } from '#src/config.js';
import { FULL } from '#src/mcp/http/access.js';
import { guard } from '#src/mcp/http/guard.js';
import { KnownRepositories } from '#src/mcp/http/known.js';
import type { Codebase } from '#src/service.js';
import { makeRepository, type TestRepository } from '../../app/repository.js';

let directory: string;
let codebase: Codebase;
let mine: TestRepository;
let theirs: TestRepository;
/** What was asked of the codebase, as method and arguments. */
let asked: string[] = [];
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'codebase-mcp-test-'));
  const config = loadConfig({ dataDir: join(directory, 'data') }, { CODEBASE_MCP_LOG_FILE: join(directory, 'log') });
  const real = await openCodebase(config, { holder: 'test' });
  codebase = new Proxy(real, {
    get: (target, name: keyof Codebase) => {
      const method = target[name].bind(target) as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => {
        asked.push(`${name} ${JSON.stringify(args)}`);
        return method(...args);
      };
    },
  });
  mine = await makeRepository({ 'a.py': 'a = 1\n' });
  theirs = await makeRepository({ 'b.py': 'b = 2\n' });
  await real.index({ path: mine.path, project: 'mine' });
  await real.index({ path: theirs.path, project: 'theirs' });
});
afterAll(async () => {
  await codebase.close();
  await mine.remove();
  await theirs.remove();
  await rm(directory, { recursive: true, force: true });
});

test('the same is looked up, and the same is said', async () => {
  const access = { projects: ['mine'], write: true };
  const attempt = async (project: string, path: string): Promise<readonly string[]> => {
    const own = guard(codebase, { access, roots: [], known: new KnownRepositories() });
    asked = [];
    const refusals = await Promise.allSettled([
      own.search({ query: 'b', project }),
      own.search({ query: 'b', repository: path }),
      own.search({ query: 'b', repository: path, project: 'mine' }),
      own.search({ query: 'b', projects: ['mine', project] }),
      own.related({ file: path }),
      own.removeProject({ project }),
      own.renameProject({ project: 'mine', to: project }),
      own.index({ path }),
      own.startIndexing({ path, project }),
      own.remove({ path }),
      own.status({ project }),
      own.status({ path }),
    ]);
    const said = refusals.map((each) => (each.status === 'rejected' ? String(each.reason) : 'let in'));
    return [...asked, ...said];
  };
  const existing = await attempt('theirs', theirs.path);
  expect(await attempt('nobodys', `${theirs.path}-not`)).toEqual(existing);
  // What is looked up is its own alone.
  expect(existing.filter((line) => line.includes('{'))).toEqual(['status [{"project":"mine"}]']);
  expect(new Set(existing.filter((line) => line.startsWith('CodebaseError'))).size).toBe(1);
  expect(existing).not.toContain('let in');
});

test('moving and adding projects reads variables and files of this machine: not even who may do everything does it', async () => {
  const all = guard(codebase, { access: FULL, roots: ['/'], known: new KnownRepositories() });
  asked = [];
  await expect(all.moveProject({ project: 'mine', to: 'file:/etc/hostname' })).rejects.toThrow('not over HTTP');
  await expect(all.addProject({ project: 'new', database: 'env:PATH' })).rejects.toThrow('not over HTTP');
  expect(asked).toEqual([]);
});

test('the repositories of one’s own are found again after they changed', async () => {
  const known = new KnownRepositories();
  const own = guard(codebase, { access: { projects: ['mine'], write: false }, roots: [], known });
  expect((await own.search({ query: 'a', repository: join(mine.path, 'a.py') })).results).toHaveLength(1);
  const all = await own.search({ query: 'a b', all_projects: true, repository: theirs.path });
  expect(all.searched.repositories).toEqual([mine.path]);
  expect((await own.projects()).map(({ id }) => id)).toEqual(['mine']);
});
