// The tools that look after the index: list_projects, cancel_indexing and remove_repository, as either era calls them.
import type { Client, ElicitResult } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { age } from '#src/mcp/render/projects.js';
import { Job, RemoveAnswer } from '#src/service.js';
import { makeRepository, type TestRepository } from '../app/repository.js';
import type { Setting } from '../cli/command.js';
import { freshShop } from '../cli/shop.js';
import { call, connect, connectWithPerson, type Era } from './client.js';
import { withoutChance } from './without-chance.js';

describe.each<Era>(['legacy', 'modern'])('in the %s era', (era) => {
  let shop: TestRepository;
  let setting: Setting & { remove: () => Promise<void> };
  let client: Client;
  beforeAll(async () => {
    ({ shop, setting } = await freshShop());
    client = await connect(setting, era);
  });
  afterAll(async () => {
    await client.close();
    await setting.remove();
  });

  const fixed = (text: string): string =>
    withoutChance(text.replace(/indexed \d+ \w+ ago/g, 'indexed <age> ago'), { shop, setting });

  test('before anything is indexed the list says how to begin', async () => {
    const { text, structured } = await call(client, 'list_projects');
    expect(structured).toEqual({ projects: [] });
    expect(text).toMatchInlineSnapshot(
      `"Nothing is indexed yet; search_code or index_repository makes a first index."`,
    );
  });

  test('list_projects', async () => {
    await call(client, 'index_repository');
    const { text, structured } = await call(client, 'list_projects', { project_id: 'default' });
    expect(fixed(text)).toMatchInlineSnapshot(`
      "Project default:
        <shop>: 4 files, 4 chunks; 1 left out; indexed <age> ago"
    `);
    expect(structured).toMatchObject({
      projects: [{ id: 'default', repositories: [{ path: shop.path, files: 4, skipped_files: 1, indexing: null }] }],
    });
  });

  test('cancel_indexing of a job that has ended says how it ended', async () => {
    const job = Job.parse((await call(client, 'index_repository')).structured);
    const { text, structured } = await call(client, 'cancel_indexing', { id: job.job_id });
    expect(Job.parse(structured).state).toBe('completed');
    expect(fixed(text).split('\n')[0]).toMatchInlineSnapshot(`"Job <job>, <shop>: completed."`);
  });

  test('cancel_indexing ends the job that runs, for the one who waits for it too', async () => {
    const lines = 'export const value = (a: number, b: number) => a * b + 1;\n'.repeat(200);
    const names = Array.from({ length: 1500 }, (_, i) => `src/file${i}.ts`);
    const large = await makeRepository(Object.fromEntries(names.map((name) => [name, lines])), { git: false });
    const waiting = call(client, 'index_repository', { path: large.path });
    let cancelled = await call(client, 'cancel_indexing', { path: large.path });
    while (cancelled.isError) cancelled = await call(client, 'cancel_indexing', { path: large.path });
    expect(Job.parse(cancelled.structured).state).toBe('cancelled');
    expect(Job.parse((await waiting).structured).state).toBe('cancelled');
    await call(client, 'remove_repository', { path: large.path, confirm: true });
    await large.remove();
  });

  test('cancel_indexing where nothing runs', async () => {
    const { text, isError } = await call(client, 'cancel_indexing');
    expect(isError).toBe(true);
    expect(fixed(text)).toMatchInlineSnapshot(
      `"No indexing job runs for <shop>; get_indexing_status without arguments lists the jobs."`,
    );
  });

  test('remove_repository asks for confirmation where the client cannot show a question', async () => {
    const { text, isError } = await call(client, 'remove_repository', { path: shop.path });
    expect(isError).toBe(true);
    expect(fixed(text)).toMatchInlineSnapshot(
      `"Not removed: ask the person whether <shop> (project default, 4 files) is to be removed from the index, then call again with confirm: true."`,
    );
  });

  const answered = async (answer: ElicitResult, args: Record<string, unknown> = {}) => {
    const { client: asking, questions } = await connectWithPerson(setting, era, answer);
    const outcome = await call(asking, 'remove_repository', { path: shop.path, ...args });
    await asking.close();
    return { ...outcome, questions };
  };

  test.each<ElicitResult>([
    { action: 'decline' },
    { action: 'cancel' },
    { action: 'accept', content: { remove: false } },
  ])('a person who is asked and answers %o keeps the index, whatever the model says', async (answer) => {
    const { isError, text, questions } = await answered(answer, { confirm: true });
    expect(questions.map(fixed)).toEqual([
      'Remove <shop> (project default, 4 files) from the index? The files on disk stay; searching it again means indexing it anew.',
    ]);
    expect(isError).toBe(true);
    expect(fixed(text)).toBe('Not removed: the person did not agree to remove <shop>.');
    expect((await call(client, 'list_projects')).structured).toMatchObject({ projects: [{ id: 'default' }] });
  });

  test('a person who agrees has it removed', async () => {
    const { structured, text, questions } = await answered({ action: 'accept', content: { remove: true } });
    expect(questions).toHaveLength(1);
    expect(RemoveAnswer.parse(structured)).toMatchObject({ repository: shop.path, files: 4 });
    expect(fixed(text)).toMatchInlineSnapshot(
      `"Removed <shop> from project default: 4 files and 4 chunks. The files on disk are untouched."`,
    );
    expect((await call(client, 'list_projects')).structured).toEqual({ projects: [] });
  });

  test('confirm removes it where nobody can be asked', async () => {
    await call(client, 'index_repository');
    const { structured } = await call(client, 'remove_repository', { repo: shop.path, confirm: 'true' });
    expect(RemoveAnswer.parse(structured).files).toBe(4);
    expect((await call(client, 'remove_repository', { path: shop.path })).isError).toBe(true);
  });
});

test('the age of an index in words', () => {
  const now = new Date('2026-03-10T12:00:00Z');
  const ages = ['2026-03-10T11:59:59Z', '2026-03-10T11:58:00Z', '2026-03-10T10:00:01Z', '2026-03-01T12:00:00Z', null];
  expect(ages.map((at) => age(at, now))).toEqual([
    'indexed 1 second ago',
    'indexed 2 minutes ago',
    'indexed 1 hour ago',
    'indexed 9 days ago',
    'never indexed completely',
  ]);
});
