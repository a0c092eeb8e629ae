// A directory of poison: indexed around, to its end, with a reason for everything that is left out.
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { IndexReport, SearchAnswer } from '#src/service.js';
import { makeRepository, type TestRepository } from '../app/repository.js';
import { freshSetting, outcome, type Setting, start } from '../cli/command.js';

const folded = (text: string): string => text.replace(/.{100}/g, '$&\n');

const GOOD = `/** Fills the kettle and waits until the water boils. */
export function boilWater(kettle: Kettle): Promise<void> {
  return kettle.fill().then(() => kettle.boil());
}
`;

const POISON: Readonly<Record<string, string | Buffer>> = {
  'src/good.ts': GOOD,
  'one-line.ts': `const a = "${'x'.repeat(10_000_000)}";`,
  'long-line.ts': `const a = [${'1,'.repeat(300_000)}];`,
  'long-line.md': 'word '.repeat(150_000),
  'brackets.ts': folded('['.repeat(5000) + ']'.repeat(5000)),
  'blocks.c': `void f() ${'{\n'.repeat(5000)}${'}\n'.repeat(5000)}`,
  'nested.json': folded('{"a":'.repeat(5000)),
  // Hundreds of thousands of parser states: only the limit on processor time ends it.
  'bomb.lua': folded('function()'.repeat(20_000)),
  'binary.ts': Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0]),
  'invalid.py': Buffer.concat([Buffer.from('# caf'), Buffer.from([0xe9]), Buffer.from(' au lait\nx = 1\n')]),
  'noise.py': Buffer.from(Array.from({ length: 3000 }, (_, i) => 0x80 + ((i * 7) % 128))),
  'utf16.cs': Buffer.from('\uFEFFclass Wide { }\r\n', 'utf16le'),
  'returns.c': 'int a;\rint b;\r\nint c;\n',
  'blank.ts': '\n'.repeat(200_000),
  'nul.md': 'text\0text',
  'empty.ts': '',
  'locked.ts': GOOD,
};

/** The superuser may read everything, so the program runs as somebody else. */
const NOBODY = process.getuid?.() === 0 ? 65534 : undefined;

let poison: TestRepository;
let setting: Setting & { remove: () => Promise<void> };
beforeAll(async () => {
  poison = await makeRepository(POISON, { git: false });
  const inside = (name: string): string => join(poison.path, name);
  execFileSync('mkfifo', [inside('pipe.ts')]);
  await mkdir(inside('loop'));
  await symlink('..', inside('loop/up'));
  await symlink('endless.ts', inside('endless.ts'));
  await symlink('/etc/passwd', inside('outside.ts'));
  await writeFile(Buffer.concat([Buffer.from(`${poison.path}/name-`), Buffer.from([0xff]), Buffer.from('.ts')]), GOOD);
  await mkdir(inside('closed'));
  await writeFile(inside('closed/hidden.ts'), GOOD);
  await chmod(inside('closed'), 0);
  await chmod(inside('locked.ts'), 0);
  setting = await freshSetting(poison.path);
  const home = String(setting.env.CODEBASE_MCP_DATA_DIR).replace(/data$/, '');
  Object.assign(setting.env, { HOME: home });
  if (NOBODY !== undefined) execFileSync('chown', ['-R', `${NOBODY}:${NOBODY}`, poison.path, home]);
});
afterAll(async () => {
  await chmod(join(poison.path, 'closed'), 0o700);
  await setting.remove();
  await poison.remove();
});

const json = async (...args: readonly string[]): Promise<unknown> => {
  const user = NOBODY === undefined ? {} : { uid: NOBODY, gid: NOBODY };
  const child = start({ ...setting, ...user }, ...args, '--json');
  child.stdin.end();
  const { code, stdout, stderr } = await outcome(child);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
};

test('is indexed around, and every file that is not is named with its reason', async () => {
  const report = IndexReport.parse(await json('index'));
  expect(report.failed).toEqual([]);
  const reasons = Object.fromEntries(report.skipped.map(({ reason, examples }) => [reason, examples]));
  expect(reasons).toEqual({
    'too-large': ['one-line.ts'],
    minified: ['long-line.ts'],
    binary: ['binary.ts', 'noise.py', 'nul.md'],
    empty: ['empty.ts'],
    symlink: ['endless.ts', 'loop/up', 'outside.ts'],
    special: ['pipe.ts'],
    name: [expect.stringMatching(/^name-.*\.ts$/)],
    unreadable: ['closed/', 'locked.ts'],
  });
  expect(report.files).toBe(Object.keys(POISON).length - 7);
  expect(report.files_added).toBe(report.files);
});

test('and search finds what was good in it', async () => {
  const answer = SearchAnswer.parse(await json('search', 'wait until the water boils'));
  expect(answer.results[0]).toMatchObject({ path: 'src/good.ts', symbol: 'boilWater' });
  const bomb = SearchAnswer.parse(await json('search', 'function', '--path-glob', '*.lua'));
  expect(bomb.results[0]?.path).toBe('bomb.lua');
});
