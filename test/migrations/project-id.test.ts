// Which project ids there are: the database refuses every other by its own CHECK, and the application says why.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodebaseError } from '#src/errors.js';
import { upgrade } from '#src/migrations/runner.js';
import { parseProjectId } from '#src/project.js';
import { describeEngines, rows, type TestDatabase } from './engines.js';

const INVALID: readonly (readonly [string, string | null])[] = [
  ['NULL', null],
  ['empty', ''],
  ['a space', ' '],
  ['upper case', 'MyProject'],
  ['one upper-case letter', 'myprojecT'],
  ['underscore', 'my_project'],
  ['space inside', 'my project'],
  ['leading space', ' project'],
  ['trailing space', 'project '],
  ['tab', 'my\tproject'],
  ['newline at the end', 'project\n'],
  ['newline inside', 'pro\nject'],
  ['carriage return', 'project\r'],
  ['single quote', "pro'ject"],
  ['double quote', 'pro"ject'],
  ['backtick', 'pro`ject'],
  ['backslash', 'pro\\ject'],
  ['slash', 'pro/ject'],
  ['parent directory', '../project'],
  ['dot', 'my.project'],
  ['colon', 'my:project'],
  ['semicolon', 'project;'],
  ['percent', 'project%'],
  ['dollar', 'project$'],
  ['question mark', 'project?'],
  ['asterisk', 'project*'],
  ['at sign', 'me@project'],
  ['SQL injection', "'; DROP TABLE repositories; --"],
  ['SQL comment', 'a/**/b'],
  ['boolean injection', "' OR '1'='1"],
  ['Cyrillic a', 'defаult'],
  ['full-width letters', 'ｐｒｏｊｅｃｔ'],
  ['combining accent', 'project\u0301'],
  ['e with acute', 'projét'],
  ['sharp s', 'straße'],
  ['Arabic digits', 'project٣'],
  ['dotless i', 'ı'],
  ['long s', 'ſ'],
  ['Kelvin sign', '\u212A'],
  ['non-breaking hyphen', 'my\u2011project'],
  ['en dash', 'my–project'],
  ['soft hyphen', 'my\u00ADproject'],
  ['zero-width space', 'my\u200Bproject'],
  ['byte order mark', '\uFEFFproject'],
  ['right-to-left mark', 'project\u200F'],
  ['emoji', '🚀'],
  ['51 characters', 'a'.repeat(51)],
  ['1,000 characters', 'a'.repeat(1000)],
];

const VALID = [
  'a',
  '0',
  '42',
  'default',
  'my-project',
  'a-b-c-1-2-3',
  'a'.repeat(50),
  `${'a'.repeat(24)}-${'0'.repeat(25)}`,
];

describeEngines('the database', (engine) => {
  it('refuses what is no project id, in every table that has one, and takes what is', async () => {
    const database = await engine.open();
    await upgrade(database.db);
    for (const [name, id] of INVALID) {
      for (const insert of INSERTS) {
        // 23502 NOT NULL, 23514 CHECK, 22001 too long
        const outcome = await code(database, insert, id);
        expect(outcome, `${name}: ${insert}`).toMatch(/^(23502|23514|22001)$/);
      }
    }
    for (const id of VALID) expect(await code(database, INSERTS[0], id), id).toBe('accepted');
    await database.close();
  });

  it('refuses them in repositories and chunks at 002 too', async () => {
    const database = await engine.open();
    await upgrade(database.db, { target: '002' });
    await rows(database.db, `INSERT INTO repositories (id, path, name) VALUES ('${R1}', '/r', 'r')`);
    for (const [name, id] of INVALID) {
      for (const insert of [INSERTS[0], CHUNK_AT_002])
        expect(await code(database, insert, id), name).toMatch(/^(23502|23514|22001)$/);
    }
    for (const id of VALID) expect(await code(database, CHUNK_AT_002, id), id).toBe('accepted');
    await database.close();
  });
});

const R1 = '00000000-0000-4000-8000-000000000001';
const CHUNK_AT_002 = `INSERT INTO code_chunks (project_id, repository_id, file_path, content, start_line, end_line) VALUES (?, '${R1}', 'a', 'a', 1, 1)`;
const INSERTS = [
  "INSERT INTO repositories (project_id, path, name) VALUES (?, '/r', 'r')",
  `INSERT INTO code_files (project_id, repository_id, path) VALUES (?, '${R1}', 'a')`,
  `INSERT INTO code_chunks (project_id, repository_id, file_id, ordinal, file_path, content, start_line, end_line) VALUES (?, '${R1}', 1, 0, 'a', 'a', 1, 1)`,
  "INSERT INTO index_jobs (project_id, repository_path, state, phase) VALUES (?, '/r', 'running', 'indexing')",
] as const;

async function code({ db }: TestDatabase, insert: string, id: string | null): Promise<string> {
  const value = id === null ? 'NULL' : `'${id.replaceAll("'", "''")}'`;
  return rows(
    db,
    insert.replace('?', () => value),
  ).then(
    () => 'accepted',
    (error: { code: string }) => error.code,
  );
}

describe('the application', () => {
  it.each(INVALID)('refuses %s', (_name, id) => {
    expect(() => parseProjectId(id)).toThrow(CodebaseError);
    expect(() => parseProjectId(id)).toThrow(
      / is not a project id; use 1 to 50 lower-case letters, digits and single hyphens/,
    );
  });

  it.each(['-a', 'a-', 'a--b', '-', '--', undefined, 42, {}, []])('also refuses %j', (id) =>
    expect(() => parseProjectId(id)).toThrow(CodebaseError),
  );

  it.each(VALID)('accepts %s', (id) => expect(parseProjectId(id)).toBe(id));

  it('accepts nothing that the database would refuse', () => {
    const nearby = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[a-zA-Z0-9_ -]{0,60}$/));
    fc.assert(
      fc.property(nearby, (text) => {
        const accepted = (() => {
          try {
            return parseProjectId(text) === text;
          } catch {
            return false;
          }
        })();
        expect(accepted && !/^[a-z0-9-]{1,50}$/.test(text)).toBe(false);
        expect(text.length).toBeGreaterThanOrEqual(accepted ? 1 : 0);
      }),
    );
  });
});
