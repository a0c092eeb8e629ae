// Nothing of one project shows in another, on every engine: a storm of operations, and hostile text in every parameter.
import { describe, expect, test } from 'vitest';
import { openCodebase } from '#src/app.js';
import type { Codebase } from '#src/service.js';
import { makeRepository } from '../app/repository.js';
import { makePlace, makeServerDatabase, SERVER_URL } from '../database/engines.js';
import { storm } from './isolation.js';

const FULL = process.env['MODE'] === 'faults';
const STORM = FULL ? { projects: 20, operations: 2000, lanes: 8 } : { projects: 5, operations: 120, lanes: 4 };
const SEED = Number(process.env['STORM_SEED'] ?? 7);

const PLACES = [
  ['embedded', () => makePlace('embedded')],
  ['server, shared', () => makeServerDatabase({ CODEBASE_MCP_ISOLATION: 'shared' })],
  ['server, a database per project', () => makeServerDatabase({ CODEBASE_MCP_ISOLATION: 'database' })],
] as const;

describe.each(PLACES)('%s', (name, make) => {
  const skipped = name !== 'embedded' && SERVER_URL === undefined;

  async function withCodebase(use: (codebase: Codebase) => Promise<void>): Promise<void> {
    const place = await make();
    const codebase = await openCodebase(place.config, { holder: 'test' });
    try {
      await use(codebase);
    } finally {
      await codebase.close();
      await place.remove();
    }
  }

  test.skipIf(skipped)(
    `${STORM.operations} operations on ${STORM.projects} projects, seed ${SEED}`,
    { timeout: 1_800_000 },
    () => withCodebase((codebase) => storm(codebase, { ...STORM, seed: SEED })),
  );

  test.skipIf(skipped)('hostile text in every parameter changes nothing and shows nothing', { timeout: 120_000 }, () =>
    withCodebase(async (codebase) => {
      const victim = await makeRepository({ 'src/secret.ts': 'export const victimSecret = 1;\n' });
      const hostile = await makeRepository(
        Object.fromEntries(
          HOSTILE.map((text, i) => [
            `src/${text.replace(/[/\0\\]/g, '')}${i}.ts`,
            `// ${text}\nexport const ours${i} = 1;\n`,
          ]),
        ),
      );
      const suffix = victim.path
        .slice(-6)
        .toLowerCase()
        .replace(/[^a-z0-9]/g, 'x');
      const [theirs, ours] = [`theirs-${suffix}`, `ours-${suffix}`];
      const before = await codebase.index({ path: victim.path, project: theirs });
      await codebase.index({ path: hostile.path, project: ours });
      const mine = async (text: string, ask: () => Promise<unknown>): Promise<void> => {
        const answer = await ask().catch((error: Error) => {
          expect(error.name, `${text}: ${error.stack}`).toMatch(/CodebaseError|ZodError/);
        });
        expect(JSON.stringify(answer ?? null), text).not.toContain('victimSecret =');
      };
      for (const text of HOSTILE) {
        const scope = { project: ours, query: 'victimSecret' };
        await mine(text, () => codebase.search({ ...scope, query: text }));
        await mine(text, () => codebase.search({ ...scope, paths: [text] }));
        await mine(text, () => codebase.search({ ...scope, languages: [text] }));
        await mine(text, () => codebase.search({ ...scope, repository: text }));
        await mine(text, () => codebase.search({ ...scope, project: text }));
        await mine(text, () => codebase.search({ query: 'victimSecret', projects: [ours, text] }));
        await mine(text, () => codebase.status({ project: text }));
        await mine(text, () => codebase.status({ project: ours, path: text }));
        await mine(text, () => codebase.index({ path: text, project: ours }));
        await mine(text, () => codebase.index({ path: hostile.path, project: text }));
        await mine(text, () => codebase.remove({ path: text, project: ours }));
        await mine(text, () => codebase.remove({ path: victim.path, project: text }));
        await mine(text, () => codebase.job(text));
        await mine(text, () => codebase.cancel(text));
        await mine(text, () => codebase.removeProject({ project: text }));
        await mine(text, () => codebase.renameProject({ project: text, to: ours }));
        await mine(text, () => codebase.renameProject({ project: ours, to: text }));
      }
      const answer = await codebase.search({ query: 'victimSecret', project: theirs });
      expect(answer.results.map(({ path }) => path)).toEqual(['src/secret.ts']);
      expect(answer.searched).toMatchObject({ files: before.files, chunks: before.chunks });
      expect((await codebase.projects()).map(({ id }) => id).sort()).toEqual([ours, theirs].sort());
      await victim.remove();
      await hostile.remove();
    }),
  );
});

const HOSTILE = [
  "'; DROP TABLE code_files CASCADE; --",
  "x' OR '1'='1",
  "') OR project_id <> '",
  '"; DROP DATABASE postgres; --',
  '\\',
  "\\'; SELECT 1; --",
  '$1',
  '%',
  '$$; DELETE FROM repositories; $$',
  '{"},{"',
  "' UNION SELECT content FROM code_chunks --",
  '\u0000',
  ':x & !y | (z',
  '-- ',
];
