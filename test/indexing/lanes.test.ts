// The lanes of a process: shared by runs, ended by an abort, usable afterwards. Real worker threads on real files.
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { loadConfig } from '#src/config.js';
import { Lane } from '#src/indexing/lane.js';
import { Lanes } from '#src/indexing/lanes.js';
import { makeRepository, type TestRepository } from '../app/repository.js';

const LARGE = Array.from({ length: 20_000 }, (_, i) => `export const value${i} = ${i};`).join('\n');
/** Takes the parser as many seconds as it may have. */
const BOMB = 'function()'.repeat(20_000).replace(/.{100}/g, '$&\n');
const never = new AbortController().signal;

let repository: TestRepository;
let lanes: Lanes;
beforeAll(async () => {
  repository = await makeRepository({
    'a.ts': 'export const a = 1;\n',
    'b.py': 'b = 2\n',
    'large.ts': LARGE,
    'bomb.lua': BOMB,
  });
});
afterAll(() => repository.remove());
beforeEach(() => {
  lanes = new Lanes(loadConfig({}, {}).embedder);
});
afterEach(() => lanes.close());

function prepare(path: string, signal = never) {
  return lanes.prepare(repository.path, [{ path, known: null }], signal, () => {});
}

it('serves more lists at a time than there are lanes', async () => {
  const paths = Array.from({ length: 3 * lanes.count }, (_, i) => (i % 2 === 0 ? 'a.ts' : 'b.py'));
  const outcomes = await Promise.all(paths.map((path) => prepare(path)));
  expect(outcomes.map(([first]) => [first?.kind, first?.path])).toEqual(paths.map((path) => ['ready', path]));
});

it('gives up a list as soon as its signal is aborted, and serves those that waited', async () => {
  const abort = new AbortController();
  const aborted = Array.from({ length: lanes.count }, () => prepare('large.ts', abort.signal));
  const waiting = prepare('a.ts');
  abort.abort(new Error('cancelled by somebody'));
  const results = await Promise.allSettled(aborted);
  expect(results.map((result) => result.status === 'rejected' && String(result.reason))).toEqual(
    results.map(() => 'Error: cancelled by somebody'),
  );
  expect(await waiting).toMatchObject([{ kind: 'ready', path: 'a.ts' }]);
});

it('goes on with new threads after it was closed', async () => {
  await prepare('a.ts');
  await lanes.close();
  expect(await prepare('b.py')).toMatchObject([{ kind: 'ready', path: 'b.py' }]);
});

it('rejects what is in hand when it is closed', async () => {
  const begun = prepare('large.ts');
  const rejected = expect(begun).rejects.toThrow('the worker thread ended');
  await new Promise((resolve) => setTimeout(resolve, 20));
  await lanes.close();
  await rejected;
});

it('tells which file it is stuck at, gives that up, and goes on with the rest', async () => {
  const lane = new Lane({ embedder: loadConfig({}, {}).embedder, silenceLimitMs: 5000, stallMs: 500 });
  const stalled: string[] = [];
  const candidates = ['a.ts', 'bomb.lua', 'b.py'].map((path) => ({ path, known: null }));
  try {
    const outcomes = await lane.prepare(repository.path, candidates, (path) => stalled.push(path));
    expect(stalled).toContain('bomb.lua');
    expect(outcomes).toHaveLength(3);
    expect(outcomes).toContainEqual({ kind: 'failed', path: 'bomb.lua', message: 'not finished after 5 s' });
    expect(outcomes.filter(({ kind }) => kind === 'ready').map(({ path }) => path)).toEqual(['a.ts', 'b.py']);
  } finally {
    await lane.close();
  }
});

it('is cancelled in the middle of a file that never ends', async () => {
  const lane = new Lane({ embedder: loadConfig({}, {}).embedder, silenceLimitMs: 60_000, stallMs: 500 });
  const begun = lane.prepare(repository.path, [{ path: 'bomb.lua', known: null }], () => void lane.close());
  await expect(begun).rejects.toThrow('the worker thread ended');
});
