// The same options give the same rows, whatever the engine and the day; other options give the number of rows asked for.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { upgrade } from '#src/migrations/runner.js';
import { type SeedSize, seedFiles, seedRepositories } from '#src/migrations/seed/repositories.js';
import { vectorSource } from '#src/migrations/seed/vectors.js';
import { describeEngines, type Engine, rows, type TestDatabase } from './engines.js';
import { seedSmall } from './small-seed.js';

async function inDatabase<T>(engine: Engine, body: (database: TestDatabase) => Promise<T>): Promise<T> {
  const database = await engine.open();
  try {
    return await body(database);
  } finally {
    await database.close();
  }
}

it('a seed has exactly the repositories and chunks asked for, and every line of a file in one chunk', () => {
  const sizes = fc.record({
    repositories: fc.integer({ min: 1, max: 30 }),
    chunks: fc.integer({ min: 0, max: 300 }),
    projects: fc.integer({ min: 1, max: 5 }),
    seed: fc.integer(),
  });
  fc.assert(
    fc.property(sizes, (size: SeedSize) => {
      const repositories = seedRepositories(size);
      const files = [...seedFiles(size, repositories)];
      const chunks = files.flatMap((file) => file.chunks);
      expect(repositories).toHaveLength(size.repositories);
      expect(chunks).toHaveLength(size.chunks);
      expect(new Set(chunks.map((chunk) => chunk.id)).size).toBe(size.chunks);
      for (const file of files) {
        let line = 1;
        for (const chunk of file.chunks) {
          expect(chunk.startLine).toBe(line);
          line += chunk.text.split('\n').length;
        }
      }
    }),
    { numRuns: 30 },
  );
});

it('vectors have unit length and lie nearer to their topic than to another', () => {
  const source = vectorSource(1, 768);
  const read = (topic: number): Float32Array => {
    const bytes = Buffer.from(source.near(topic), 'base64');
    expect(bytes.readUInt16BE(0)).toBe(768);
    return Float32Array.from({ length: 768 }, (_, i) => bytes.readFloatBE(4 + 4 * i));
  };
  const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0);
  const [a, b, c] = [read(3), read(3), read(4)];
  expect(dot(a, a)).toBeCloseTo(1, 5);
  expect(dot(a, b)).toBeGreaterThan(dot(a, c) + 0.3);
});

describeEngines('seed', (engine) => {
  it('fills every table at 005', () =>
    inDatabase(engine, async ({ db }) => {
      await upgrade(db, { target: '005' });
      const { tables } = await seedSmall(db);
      expect(Object.fromEntries(tables.map(({ table, rows }) => [table, rows]))).toMatchInlineSnapshot(`
        {
          "code_chunks": 60,
          "deployment_vendors": 5,
          "deployments": 5,
          "repositories": 5,
          "task_branches": 10,
          "task_commits": 10,
          "tasks": 10,
          "vendor_test_results": 15,
          "vendors": 5,
          "work_item_dependencies": 18,
          "work_items": 55,
        }
      `);
      // The same on both engines: these are the values of the first run.
      expect(tables.find(({ table }) => table === 'code_chunks')?.sha256).toMatchInlineSnapshot(
        `"60a5a5607e9d0f58287a7ea29e1c5ac11607e462aba32e27da1ee606a237bfbd"`,
      );
      expect(tables.find(({ table }) => table === 'work_items')?.sha256).toMatchInlineSnapshot(
        `"06bac662d9f16519c61103784fe3a40401f0dbc9b423e1075ef32f40d4e475a1"`,
      );
    }));

  it('fills the tables of search at head, in as many projects as asked for', () =>
    inDatabase(engine, async ({ db }) => {
      await upgrade(db);
      const { tables } = await seedSmall(db, { projects: 3 });
      const projects = 'select project_id, count(*)::int as repositories from repositories group by 1 order by 1';
      expect(await rows(db, projects)).toEqual([
        { project_id: 'default', repositories: 2 },
        { project_id: 'project-2', repositories: 2 },
        { project_id: 'project-3', repositories: 1 },
      ]);
      const places =
        'select count(*)::int as chunks, count(distinct (file_id, ordinal))::int as places from code_chunks';
      expect(await rows(db, places)).toEqual([{ chunks: 60, places: 60 }]);
      expect(tables.find(({ table }) => table === 'chunk_embeddings')?.sha256).toMatchInlineSnapshot(
        `"702fd47905776b9ff916be274a2c6252f39a49f6467de8a8aae1db3a467a0885"`,
      );
    }));

  it('gives the same rows for the same seed and others for another', () =>
    inDatabase(engine, async ({ db }) => {
      const checksums: unknown[] = [];
      for (const seed of [1, 1, 2]) {
        await upgrade(db, { target: '005' });
        checksums.push((await seedSmall(db, { seed })).tables);
        await rows(db, 'truncate repositories, vendors, work_items, tasks, deployments cascade');
        await rows(db, 'truncate vendor_test_results restart identity');
      }
      expect(checksums[1]).toEqual(checksums[0]);
      expect(checksums[2]).not.toEqual(checksums[0]);
    }));

  it('is refused over rows and at a revision in between', () =>
    inDatabase(engine, async ({ db }) => {
      await upgrade(db, { target: '003' });
      await expect(seedSmall(db)).rejects.toThrowErrorMatchingInlineSnapshot(
        `[CodebaseError: Rows can be made for revision 005_case_insensitive_vendor or 009_project_keys, and the database is at 003_project_tracking; run codebase-mcp db upgrade first.]`,
      );
      await upgrade(db, { target: '005' });
      await seedSmall(db);
      await expect(seedSmall(db)).rejects.toThrowErrorMatchingInlineSnapshot(
        `[CodebaseError: The database has rows in code_chunks, deployment_vendors, deployments, repositories, task_branches, task_commits, tasks, vendor_test_results, vendors, work_item_dependencies, work_items; rows are made only in an empty one.]`,
      );
    }));

  it('numbers that the database gives go on after the seeded ones', () =>
    inDatabase(engine, async ({ db }) => {
      await upgrade(db, { target: '005' });
      await seedSmall(db);
      const insert = `insert into vendor_test_results (vendor_id, test_name, passed) select id, 'new', true from vendors limit 1 returning id::int`;
      expect(await rows(db, insert)).toEqual([{ id: 16 }]);
    }));
});
