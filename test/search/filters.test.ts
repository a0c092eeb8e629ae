import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCodebase } from '#src/app.js';
import { openDatabase, type ProjectDatabase } from '#src/database/database.js';
import { repositoriesOf } from '#src/database/repositories.js';
import type { Embedder } from '#src/embedding/embedder.js';
import { openEmbedder } from '#src/embedding/open.js';
import { parseProjectId } from '#src/project.js';
import { FileCache } from '#src/search/file-cache.js';
import { pathFilter } from '#src/search/glob.js';
import { parseQuery } from '#src/search/query.js';
import { findRelated } from '#src/search/related.js';
import { judge } from '#src/search/search.js';
import type { FileSignals } from '#src/search/signals.js';
import { copyTrees } from '../../bench/relevance/golden/corpus.js';
import { describeEngines, makePlace } from '../database/engines.js';

const QUESTIONS = [
  'split a connection string into its parts',
  'compile a query with a join',
  'verify the signature of a token',
  'write a log line to a stream',
  'parse a block scalar',
  'report an unknown option',
  'source map of the output',
  'how long may a client stay idle',
  'TransactionBuilder',
  'read bytes as a number',
];

interface Row {
  readonly path: string;
  readonly language: string | null;
  readonly content: readonly number[];
  readonly pathVector: readonly number[];
}

interface Filter {
  readonly globs: readonly string[];
  readonly languages: readonly string[];
  /** The same, said without the product's own code. */
  readonly passes: (row: Row) => boolean;
}

const FILTERS: readonly Filter[] = [
  { globs: [], languages: [], passes: () => true },
  { globs: ['kysely/**'], languages: [], passes: ({ path }) => path.startsWith('kysely/') },
  { globs: ['*.js', '!kysely'], languages: [], passes: ({ path }) => /^(?!kysely\/).*\.js$/.test(path) },
  { globs: ['**/util/**', 'yaml/**'], languages: [], passes: ({ path }) => /\/util\/|^yaml\//.test(path) },
  { globs: ['!**/p*'], languages: ['javascript'], passes: ({ path }) => !/(^|\/)p/.test(path) },
  { globs: ['jose/**/*.js'], languages: ['javascript'], passes: ({ path }) => /^jose\/.*\.js$/.test(path) },
];

describeEngines((engine) => {
  describe('a filtered search', () => {
    const close: (() => Promise<unknown>)[] = [];
    let database: ProjectDatabase;
    let embedder: Embedder;
    let repositoryIds: readonly string[];
    let rows: readonly Row[];
    const project = parseProjectId('default');

    beforeAll(async () => {
      const place = await makePlace(engine);
      const trees = await mkdtemp(join(tmpdir(), 'codebase-mcp-filters-'));
      await copyTrees(trees);
      const codebase = await openCodebase(place.config, { holder: 'test' });
      await codebase.index({ path: trees, project });
      await codebase.close();
      const opened = await openDatabase(place.config, { holder: 'test' });
      database = opened.inProject(project);
      close.push(
        () => opened.close(),
        () => place.remove(),
        () => rm(trees, { recursive: true }),
      );
      embedder = await openEmbedder(place.config.embedder);
      repositoryIds = (await repositoriesOf(database.db, project)).map(({ id }) => id);
      rows = await allRows(database);
    });
    afterAll(async () => {
      for (const step of close) await step();
    });

    const ask = (text: string, { globs, languages }: Filter, files = new FileCache()) =>
      judge(
        { database, embedder, files },
        { projectId: project, repositoryIds, paths: pathFilter(globs), languages },
        parseQuery(text),
      );

    test('looks at real files of several kinds', () => {
      expect(rows.length).toBeGreaterThan(400);
      for (const { passes } of FILTERS) expect(rows.filter(passes).length).toBeGreaterThan(20);
    });

    test('finds what a brute-force search over all vectors finds, and nothing that the filter excludes', async () => {
      let wanted = 0;
      let found = 0;
      for (const filter of FILTERS) {
        const passing = rows.filter(filter.passes);
        const files = new FileCache();
        for (const text of QUESTIONS) {
          const vector = await embedder.embedQuery(text);
          const { files: judged, size } = await ask(text, filter, files);
          const paths = new Set(judged.map(({ evidence }) => evidence.path));
          expect(size.files).toBe(passing.length);
          expect([...paths].filter((path) => !passing.some((row) => row.path === path))).toEqual([]);
          for (const kind of ['content', 'pathVector'] as const) {
            for (const { path } of nearestRows(passing, kind, vector).slice(0, 20)) {
              wanted += 1;
              if (paths.has(path)) found += 1;
            }
          }
        }
      }
      expect(found / wanted).toBeGreaterThanOrEqual(0.99);
    });

    test('the vectors in memory give the cosines of those in the database', async () => {
      const byPath = new Map(rows.map((row) => [row.path, row]));
      for (const text of QUESTIONS) {
        const vector = await embedder.embedQuery(text);
        for (const { evidence } of (await ask(text, FILTERS[0] as Filter)).files) {
          const row = byPath.get(evidence.path) as Row;
          expect(Math.abs((evidence.cosines?.file ?? 9) - product(row.content, vector))).toBeLessThan(0.01);
          expect(Math.abs((evidence.cosines?.path ?? 9) - product(row.pathVector, vector))).toBeLessThan(0.01);
        }
      }
    });

    test('what is related to a file is what comparing it with every chunk finds', async () => {
      const chunks = await allChunks(database);
      const files = new FileCache();
      const [repositoryId = ''] = repositoryIds;
      for (const { globs, languages, passes } of FILTERS) {
        const passing = new Set(rows.filter(passes).map(({ path }) => path));
        const scope = { projectId: project, repositoryIds, paths: pathFilter(globs), languages };
        for (const { path, content } of rows.filter((_, n) => n % 100 === 0)) {
          const place = { repositoryId, repository: '/trees', path, line: undefined };
          const limits = { limit: 5, maxTokens: 100_000, detail: 'paths' } as const;
          const byId = new Map([[repositoryId, '/trees']]);
          const { results, files: size } = await findRelated({ database, embedder, files }, scope, byId, place, limits);
          const others = chunks.filter((chunk) => chunk.path !== path && passing.has(chunk.path));
          const vector = Float32Array.from(content);
          const scored = others.map((chunk) => ({ path: chunk.path, cosine: product(chunk.vector, vector) }));
          const near = scored.sort((a, b) => b.cosine - a.cosine);
          const wanted = new Set(near.filter(({ cosine }) => cosine >= 0.35).map((chunk) => chunk.path));
          expect(size).toBe(passing.size);
          expect(results.map((result) => result.path)).toEqual([...wanted].slice(0, limits.limit));
        }
      }
    });

    test('a file with many like parts keeps no other out of what is related', async () => {
      const [repositoryId = ''] = repositoryIds;
      const { rows: files } = await sql<{ id: string; path: string; chunks: number }>`
        select id::text, path, chunk_count as chunks from code_files order by chunk_count desc, path limit 1`.execute(
        database.db,
      );
      const [many] = files as [{ id: string; path: string; chunks: number }];
      const alike = sql`update chunk_embeddings e set embedding = (
        select one.embedding from chunk_embeddings one where one.file_id = e.file_id and one.ordinal = 0)
        where e.file_id = ${many.id}`;
      await alike.execute(database.db);
      const scope = { projectId: project, repositoryIds, paths: null, languages: [] };
      const limits = { limit: 3, maxTokens: 100_000, detail: 'paths' } as const;
      const place = { repositoryId, repository: '/trees', path: many.path, line: 1 };
      const tools = { database, embedder, files: new FileCache() };
      const { results } = await findRelated(tools, scope, new Map([[repositoryId, '/trees']]), place, limits);
      expect(many.chunks).toBeGreaterThan(8 * limits.limit);
      expect(results).toHaveLength(3);
      expect(results.map(({ path, more }) => [path === many.path, more.length])[0]).toEqual([true, 3]);
    });

    test('what was written since is seen: files that came, files that went', async () => {
      const files = new FileCache();
      const paths = async (filter: Filter) =>
        nearestFirst((await ask('verify the signature of a token', filter, files)).files);
      const [all, jose] = [FILTERS[0], FILTERS[5]] as [Filter, Filter];
      const [copied, gone] = (await paths(jose)) as [string, string];
      await sql`delete from code_files where path = ${gone}`.execute(database.db);
      await copyFile(database, copied, 'jose/new.js');
      for (const filter of [all, jose]) {
        expect(await paths(filter)).not.toContain(gone);
        expect(await paths(filter)).toContain('jose/new.js');
      }
      const judged = (await ask('verify the signature of a token', all, files)).files;
      const cosine = (path: string) => judged.find(({ evidence }) => evidence.path === path)?.evidence.cosines?.file;
      expect(cosine('jose/new.js')).toBe(cosine(copied));
    });
  });
});

async function allRows({ db }: ProjectDatabase): Promise<readonly Row[]> {
  const { rows } = await sql<{ path: string; language: string; content: string; path_vector: string }>`
    select f.path, f.language, c.embedding::text as content, p.embedding::text as path_vector
    from code_files f
    join file_embeddings c on c.file_id = f.id and c.aspect = 'content'
    join file_embeddings p on p.file_id = f.id and p.aspect = 'path'`.execute(db);
  return rows.map(({ path, language, content, path_vector }) => ({
    path,
    language,
    content: JSON.parse(content) as number[],
    pathVector: JSON.parse(path_vector) as number[],
  }));
}

async function allChunks({ db }: ProjectDatabase): Promise<readonly { path: string; vector: readonly number[] }[]> {
  const { rows } = await sql<{ path: string; vector: string }>`
    select f.path, e.embedding::text as vector from code_files f join chunk_embeddings e on e.file_id = f.id`.execute(
    db,
  );
  return rows.map(({ path, vector }) => ({ path, vector: JSON.parse(vector) as number[] }));
}

/** A second row with everything that belongs to the first. */
async function copyFile({ db }: ProjectDatabase, path: string, to: string): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    insert into code_files (project_id, repository_id, path, language, chunk_count, terms, postings)
    select project_id, repository_id, ${to}, language, chunk_count, terms, postings from code_files where path = ${path}
    returning id`.execute(db);
  const from = sql`(select id from code_files where path = ${path})`;
  await sql`insert into file_embeddings (project_id, repository_id, file_id, model_id, aspect, embedding)
    select project_id, repository_id, ${rows[0]?.id}, model_id, aspect, embedding from file_embeddings where file_id = ${from}`.execute(
    db,
  );
  await sql`insert into chunk_embeddings (project_id, repository_id, file_id, model_id, ordinal, embedding)
    select project_id, repository_id, ${rows[0]?.id}, model_id, ordinal, embedding from chunk_embeddings where file_id = ${from}`.execute(
    db,
  );
}

function nearestFirst(files: readonly FileSignals[]): readonly string[] {
  const order = [...files].sort((a, b) => (b.evidence.cosines?.file ?? 0) - (a.evidence.cosines?.file ?? 0));
  return order.map(({ evidence }) => evidence.path);
}

function nearestRows(rows: readonly Row[], kind: 'content' | 'pathVector', vector: Float32Array): readonly Row[] {
  const scored = rows.map((row) => ({ row, cosine: product(row[kind], vector) }));
  return scored.sort((a, b) => b.cosine - a.cosine).map(({ row }) => row);
}

function product(a: readonly number[], b: Float32Array): number {
  return a.reduce((sum, value, k) => sum + value * (b[k] ?? 0), 0);
}
