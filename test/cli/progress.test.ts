// Progress on stderr: a bar that stays on its line, or a plain line now and then.
import { expect, test } from 'vitest';
import { openJobProgress, openProgress } from '#src/cli/progress.js';
import { moveLine } from '#src/mcp/render/status.js';
import type { Job } from '#src/service.js';

const job = (done: number): Job => ({
  job_id: 'j1',
  project: 'default',
  repository: '/work/shop',
  state: 'running',
  phase: 'indexing',
  files_done: done,
  files_total: 1000,
  current_file: `src/a/rather/long/directory/file${done}.ts`,
  started_at: '2026-01-01T00:00:00.000Z',
  finished_at: null,
  error: null,
  report: null,
});

test('on a terminal a bar is drawn over itself, never wider than the terminal, and cleared', () => {
  const written: string[] = [];
  const progress = openJobProgress({ err: (text) => written.push(text), errColumns: 60 });
  for (const done of [0, 500, 1000]) progress.update(job(done));
  progress.end();
  expect(written.map((text) => text.replace('\r\u001b[K', ''))).toMatchInlineSnapshot(`
    [
      "[------------------------] indexing 0 of 1,000 files, src/a",
      "[############------------] indexing 500 of 1,000 files, src",
      "[########################] indexing 1,000 of 1,000 files, s",
      "",
    ]
  `);
  for (const text of written) expect(text.length).toBeLessThan(60 + '\r\u001b[K'.length);
});

test('a move is shown in the same way', () => {
  const written: string[] = [];
  const progress = openProgress({ err: (text) => written.push(text), errColumns: 80 });
  for (const [phase, done, total] of [
    ['counting', 0, 0],
    ['copying', 1500, 4000],
  ] as const) {
    const line = moveLine({ phase, table: 'code_chunks', rows_done: done, rows_total: total });
    progress.update({ done, total, line });
  }
  expect(written.map((text) => text.replace('\r\u001b[K', ''))).toMatchInlineSnapshot(`
    [
      "[------------------------] counting, code_chunks",
      "[#########---------------] copying 1,500 of 4,000 rows, code_chunks",
    ]
  `);
});

test('elsewhere a line every two seconds', () => {
  let now = 0;
  let written = '';
  const err = (text: string): void => {
    written += text;
  };
  const progress = openJobProgress({ err, errColumns: null }, () => now);
  for (now = 500; now <= 5000; now += 500) progress.update(job(now / 5));
  progress.end();
  expect(written).toMatchInlineSnapshot(`
    "indexing 400 of 1,000 files, src/a/rather/long/directory/file400.ts
    indexing 800 of 1,000 files, src/a/rather/long/directory/file800.ts
    "
  `);
});
