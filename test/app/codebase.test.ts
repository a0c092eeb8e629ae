import { cp, mkdtemp, realpath, rename, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openCodebase } from '#src/app.js';
import { CodebaseError } from '#src/errors.js';
import type { Codebase, SearchAnswer } from '#src/service.js';
import { describeEngines, makePlace } from '../database/engines.js';
import { makeRepository, type TestRepository } from './repository.js';

const SHOP = {
  'src/cart.ts': `/** Adds an item to the shopping cart. */
export function addToCart(cart: Cart, item: Item): Cart {
  return { ...cart, items: [...cart.items, item] };
}
`,
  'src/payment/card.py': `class CardPayment:
    """Charges a credit card through the bank."""

    def charge(self, amount):
        return self.bank.request("charge", amount)
`,
  'src/retry.go': `package shop

// RetryPolicy says how often a failed request is sent again.
type RetryPolicy struct {
	MaxAttempts int
}

func (p RetryPolicy) ShouldRetry(attempt int) bool {
	return attempt < p.MaxAttempts
}
`,
  'README.md': '# Shop\n\nA shop that sells things.\n',
  'logo.png': Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 1]),
};

function paths(answer: SearchAnswer): string[] {
  return answer.results.map((result) => result.path);
}

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(CodebaseError);
  return `${(error as CodebaseError).code}: ${(error as CodebaseError).message}`;
}

describeEngines((engine) => {
  describe('a codebase', () => {
    let codebase: Codebase;
    let close: () => Promise<void>;
    const repositories: TestRepository[] = [];

    const shop = async (options?: { git: boolean }): Promise<TestRepository> => {
      const repository = await makeRepository(SHOP, options);
      repositories.push(repository);
      return repository;
    };

    const untilFiles = async (path: string, count: number): Promise<void> => {
      const files = async (): Promise<number | undefined> =>
        (await codebase.status({ path })).repositories.find((known) => known.path === path)?.files;
      while ((await files()) !== count) await new Promise((resolve) => setTimeout(resolve, 50));
    };

    beforeAll(async () => {
      const place = await makePlace(engine);
      codebase = await openCodebase(place.config, { holder: 'test', longLived: true });
      close = async () => {
        await codebase.close();
        await place.remove();
      };
    });
    afterAll(() => close());
    afterEach(async () => {
      await Promise.all(repositories.splice(0).map((repository) => repository.remove()));
    });

    it('indexes a repository and finds code by meaning, by symbol and by path', async () => {
      const { path } = await shop();
      const report = await codebase.index({ path });
      expect(report).toMatchObject({ project: 'default', repository: path, files: 4, files_added: 4, failed: [] });
      expect(report.languages).toEqual({ typescript: 1, python: 1, go: 1, markdown: 1 });
      expect(report.skipped.map((skipped) => skipped.examples)).toEqual([['logo.png']]);

      const search = async (query: string): Promise<string | undefined> =>
        paths(await codebase.search({ query, repository: path }))[0];
      expect(await search('put a product into the basket')).toBe('src/cart.ts');
      expect(await search('charge a credit card')).toBe('src/payment/card.py');
      expect(await search('RetryPolicy')).toBe('src/retry.go');
      expect(await search('should_retry')).toBe('src/retry.go');
      expect(await search('src/cart.ts')).toBe('src/cart.ts');
    });

    it('says where the code is, what it is called and what was searched', async () => {
      const { path } = await shop();
      const answer = await codebase.search({ query: 'charge a credit card', repository: join(path, 'src'), limit: 1 });
      expect(answer.indexed_now).toMatchObject({ files: 4 });
      expect(answer.searched).toEqual({
        repositories: [path],
        files: 4,
        chunks: answer.indexed_now?.chunks,
        files_left_out: 1,
      });
      expect(answer.results).toEqual([
        expect.objectContaining({
          path: 'src/payment/card.py',
          language: 'python',
          start_line: 1,
          end_line: 5,
          symbol: 'CardPayment',
          kind: 'class',
        }),
      ]);
      expect(answer.results[0]?.code).toContain('self.bank.request');
      const again = await codebase.search({ query: 'charge a credit card', repository: path });
      expect(again.indexed_now).toBeNull();
    });

    it('touches only what changed', async () => {
      const repository = await shop();
      const { path } = repository;
      await codebase.index({ path });
      expect(await codebase.index({ path })).toMatchObject({
        files_added: 0,
        files_changed: 0,
        files_removed: 0,
        files_unchanged: 4,
      });

      await repository.write({
        'src/cart.ts': 'export function emptyCart() {\n  return { items: [] };\n}\n',
        'src/new.rs': 'fn main() {}\n',
      });
      await repository.remove('README.md');
      expect(await codebase.index({ path })).toMatchObject({
        files: 4,
        files_added: 1,
        files_changed: 1,
        files_removed: 1,
        files_unchanged: 2,
      });
      const answer = await codebase.search({ query: 'emptyCart', repository: path });
      expect(answer.results[0]).toMatchObject({ path: 'src/cart.ts', symbol: 'emptyCart' });
      expect(paths(await codebase.search({ query: 'addToCart', repository: path }))[0]).not.toBe('README.md');
      const code = (await codebase.search({ query: 'addToCart', repository: path })).results
        .map((result) => result.code)
        .join();
      expect(code).not.toContain('addToCart');
    });

    it('answers with the files as they are on disk now', async () => {
      const place = await makePlace(engine);
      const unwatched = await openCodebase(place.config, { holder: 'test' }); // a watch might be the quicker one
      try {
        const repository = await shop();
        const search = (): Promise<SearchAnswer> =>
          unwatched.search({ query: 'charge a credit card', repository: repository.path });
        await unwatched.index({ path: repository.path });
        expect(await search()).toMatchObject({ freshness: 'fresh', notes: [] });

        const card = SHOP['src/payment/card.py'];
        await repository.write({ 'src/payment/card.py': `# moved down a line\n${card}` });
        const refreshed = await search();
        expect(refreshed).toMatchObject({ freshness: 'refreshed' });
        expect(refreshed.notes.join()).toMatch(/1 file of the answer has changed since indexing; re-read/);
        expect(refreshed.results[0]?.code).toContain('# moved down a line');

        await repository.remove('src/payment/card.py');
        expect(paths(await search())).not.toContain('src/payment/card.py');
        expect(await search()).toMatchObject({ freshness: 'fresh' });
      } finally {
        await unwatched.close();
        await place.remove();
      }
    });

    it('does not show a file that went while a run was under way which had passed it', async () => {
      const files = Object.fromEntries(
        Array.from({ length: 1500 }, (_, n) => [`f${n}.ts`, `export const f${n} = ${n};\n`]),
      );
      const repository = await makeRepository(files);
      repositories.push(repository);
      const { path } = repository;
      for (let moment = 40; moment < 340; moment += 30) {
        await repository.write({ 'card.py': SHOP['src/payment/card.py'] });
        await codebase.index({ path });
        await codebase.startIndexing({ path });
        await new Promise((resolve) => setTimeout(resolve, moment));
        await repository.remove('card.py');
        expect(paths(await codebase.search({ query: 'charge a credit card', repository: path }))).not.toContain(
          'card.py',
        );
      }
    });

    it('finds files that are new without being told', async () => {
      const repository = await shop();
      const search = async (): Promise<string[]> =>
        paths(await codebase.search({ query: 'refundCustomer', repository: repository.path }));
      await codebase.index({ path: repository.path });
      await repository.write({ 'src/refund.ts': 'export function refundCustomer(): void {}\n' });
      while ((await search())[0] !== 'src/refund.ts') await new Promise((resolve) => setTimeout(resolve, 50));
    });

    it('watches what was searched, and indexes what changes in it', async () => {
      const repository = await shop();
      const { path } = repository;
      await codebase.search({ query: 'charge a credit card', repository: path });
      await codebase.search({ query: 'charge a credit card', repository: path });
      // Nobody asks again from here on.
      await repository.write({ 'src/new/deep/refund.ts': 'export function refundCustomer(): void {}\n' });
      await untilFiles(path, 5);
      await repository.write({ 'src/new/deep/more.ts': 'export function more(): void {}\n' });
      await untilFiles(path, 6);
      await repository.remove('src/new');
      await untilFiles(path, 4);
      // A repository that was forgotten stays so.
      await codebase.remove({ path });
      await repository.write({ 'src/late.ts': 'export const late = 1;\n' });
      await new Promise((resolve) => setTimeout(resolve, 1000));
      expect((await codebase.status({})).repositories.map((known) => known.path)).not.toContain(path);
    });

    it('a project that was removed stays so though it was watched, and is watched again when it is made anew', async () => {
      const repository = await shop();
      const where = { repository: repository.path, project: 'short-lived' };
      const search = () => codebase.search({ query: 'refundCustomer', ...where });
      await search();
      await search();
      await codebase.removeProject({ project: where.project });
      await repository.write({ 'src/refund.ts': 'export function refundCustomer(): void {}\n' });
      await new Promise((resolve) => setTimeout(resolve, 6000)); // so that the watch finds out
      const files = async () => (await codebase.projects()).find(({ id }) => id === where.project)?.files;
      expect(await files()).toBeUndefined();
      await search();
      await search();
      await repository.write({ 'src/late.ts': 'export const late = 1;\n' });
      while ((await files()) !== 6) await new Promise((resolve) => setTimeout(resolve, 50));
    });

    it('watches a repository again that was made anew', async () => {
      const repository = await shop();
      const { path } = repository;
      const search = () => codebase.search({ query: 'refundCustomer', repository: path });
      await search();
      await search();
      await cp(path, `${path}-copy`, { recursive: true });
      await rm(path, { recursive: true });
      await new Promise((resolve) => setTimeout(resolve, 500));
      await rename(`${path}-copy`, path);
      await search();
      await repository.write({ 'src/refund.ts': 'export function refundCustomer(): void {}\n' });
      await untilFiles(path, 5);
      await repository.write({ 'src/late.ts': 'export const late = 1;\n' });
      await untilFiles(path, 6);
    });

    it('indexes a directory without git alike', async () => {
      const { path } = await shop({ git: false });
      expect(await codebase.index({ path })).toMatchObject({ files: 4 });
    });

    it('holds filters before ranking', async () => {
      const { path } = await shop();
      await codebase.index({ path });
      const search = (filters: { paths?: string[]; languages?: string[] }): Promise<SearchAnswer> =>
        codebase.search({ query: 'charge a credit card', repository: path, ...filters });
      expect(paths(await search({ languages: ['golang'] }))).toEqual(['src/retry.go']);
      expect(paths(await search({ paths: ['*.ts'] }))).toEqual(['src/cart.ts']);
      expect(paths(await search({ paths: ['src/**', '!*.py'] })).sort()).toEqual(['src/cart.ts', 'src/retry.go']);
      const none = await search({ paths: ['nowhere/**'] });
      expect(none.results).toEqual([]);
      expect(none.searched).toMatchObject({ files: 0 });
      expect(await refusal(search({ languages: ['pyton'] }))).toMatch(
        /^invalid_input: There is no language pyton; did you mean python/,
      );
    });

    it('keeps projects apart', async () => {
      const [ours, theirs] = [await shop(), await shop()];
      await codebase.index({ path: ours.path, project: 'ours' });
      await theirs.write({ 'src/secret.ts': 'export const theirSecret = 1;\n' });
      await codebase.index({ path: theirs.path, project: 'theirs' });
      const answer = await codebase.search({ query: 'theirSecret', project: 'ours' });
      expect(answer.searched.repositories).toEqual([ours.path]);
      expect(answer.results.every((result) => result.repository === ours.path)).toBe(true);
      const ids = (await codebase.projects()).map((project) => project.id);
      expect(ids).toEqual(expect.arrayContaining(['ours', 'theirs']));
      expect(await refusal(codebase.search({ query: 'x', project: 'our' }))).toMatch(
        /^not_found: There is no project our \(did you mean ours/,
      );
      expect(await refusal(codebase.index({ path: ours.path, project: 'Our_Project' }))).toMatch(
        /^invalid_input: .*Our_Project/,
      );
    });

    it('reads the project from the nearest configuration file', async () => {
      const repository = await shop();
      await repository.write({ '.codebase-mcp/config.json': '{"version":"1.0","project":{"id":"client-7"}}' });
      expect(await codebase.index({ path: repository.path })).toMatchObject({ project: 'client-7' });
      await repository.write({ '.codebase-mcp/config.json': '{"version":"1.0",\n  "project": }' });
      expect(await refusal(codebase.index({ path: repository.path }))).toMatch(
        /config\.json is not valid JSON \(line 2, column \d+\)/,
      );
    });

    it('tells the state of the index and of jobs, and forgets a repository on request', async () => {
      const { path } = await shop();
      const job = await codebase.startIndexing({ path, project: 'state' });
      expect(job).toMatchObject({ state: 'running', repository: path });
      while ((await codebase.job(job.job_id)).state === 'running')
        await new Promise((resolve) => setTimeout(resolve, 20));
      expect(await codebase.job(job.job_id)).toMatchObject({ state: 'completed', report: { files: 4 } });

      const status = await codebase.status({ project: 'state' });
      expect(status.repositories).toEqual([
        expect.objectContaining({ path, files: 4, skipped: [{ reason: 'media', files: 1, examples: ['logo.png'] }] }),
      ]);
      expect(await codebase.remove({ path, project: 'state' })).toMatchObject({ files: 4 });
      expect(await refusal(codebase.status({ project: 'state' }))).toMatch(/^not_found/);
      expect(await refusal(codebase.remove({ path }))).toMatch(/^not_found: .* is not indexed in project default/);
      expect(await refusal(codebase.job('no-such-job'))).toMatch(/^not_found: There is no job no-such-job/);
    });

    it('cancels a job and goes on later from where it stopped', async () => {
      const many = Object.fromEntries(
        Array.from({ length: 400 }, (_, i) => [`src/f${i}.ts`, `export const value${i} = ${i};\n`.repeat(50)]),
      );
      const repository = await makeRepository(many);
      repositories.push(repository);
      const abort = new AbortController();
      const indexing = codebase.index(
        { path: repository.path },
        { signal: abort.signal, onProgress: (job) => job.files_done > 100 && abort.abort() },
      );
      expect(await refusal(indexing)).toMatch(/^cancelled/);
      const report = await codebase.index({ path: repository.path });
      expect(report.files).toBe(400);
      expect(report.files_unchanged).toBeGreaterThan(0);
      expect(report.files_unchanged + report.files_added).toBe(400);
    });

    it('joins two requests for the same repository', async () => {
      const { path } = await shop();
      const [one, two] = await Promise.all([codebase.startIndexing({ path }), codebase.startIndexing({ path })]);
      expect(one.job_id).toBe(two.job_id);
      await codebase.index({ path });
    });

    it('refuses what is no repository in one sentence', async () => {
      const empty = await realpath(await mkdtemp(join(tmpdir(), 'codebase-mcp-empty-')));
      const images = await makeRepository({ 'logo.png': SHOP['logo.png'] });
      repositories.push(images);
      const refused = (path: string): Promise<string> => refusal(codebase.index({ path }));
      expect(await refused('/no/such/path')).toMatch(/^not_found: .*\/no\/such\/path/);
      expect(await refused('/')).toMatch(/^refused_path/);
      expect(await refused(homedir())).toMatch(/^refused_path/);
      expect(await refused(empty)).toMatch(/^no_source: Nothing to index in .*: it holds no files/);
      expect(await refused(images.path)).toMatch(/^no_source: Nothing to index in .*skipped: 1 media/);
      expect((await codebase.status({})).repositories.map((repository) => repository.path)).not.toContain(images.path);
      await rm(empty, { recursive: true });
    });
  });
});
