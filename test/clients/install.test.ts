// `install` edits the clients' own files: what is theirs stays to the byte, what is ours comes and goes.
import { chmod, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse as parseToml } from '@decimalturn/toml-patch';
import { parse as parseJson } from 'jsonc-parser';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CLIENTS } from '#src/clients/clients.js';
import { freshSetting, run, type Setting } from '../cli/command.js';

/** Configurations as people have them. */
const SAMPLES: Readonly<Record<string, string>> = {
  claude: `{\n  "numStartups": 42,\n  "projects": { "/home/me/a": { "allowedTools": [] } },\n  "mcpServers": {\n    "other": { "type": "stdio", "command": "npx", "args": ["-y", "other"] }\n  }\n}\n`,
  'claude-desktop': `{"globalShortcut": "Ctrl+Space"}`,
  codex: `# mine\nmodel = "gpt-5"   # the model\n\n[mcp_servers.other]\ncommand = "npx"\nargs = ["-y", "other"] # keep\n\n[projects."/home/me/a b"]\ntrust_level = "trusted"\n`,
  cursor: `{\n\t"mcpServers": {}\n}\n`,
  vscode: `{\n    // the servers\n    "servers": {\n        "other": { "type": "http", "url": "https://example.com/mcp" }, // remote\n    },\n    "inputs": [],\n}\n`,
  gemini: `{\n  "theme": "dark"\n}\n`,
  windsurf: `{}\n`,
  zed: `// Zed settings\n{\n  "theme": "One Dark", // mine\n  "context_servers": {\n    "other": { "source": "custom", "command": "npx", "args": ["-y", "other"] },\n  },\n}\n`,
};

let setting: Setting & { remove: () => Promise<void> };
let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'codebase-mcp-home-'));
  setting = await freshSetting();
  setting.env.HOME = home;
  setting.env.CODEX_HOME = undefined;
});
afterEach(async () => {
  await setting.remove();
  await rm(home, { recursive: true, force: true });
});

const place = () => ({ home, platform: process.platform });
const fileOf = (name: string): string => CLIENTS.find((client) => client.name === name)?.file(place()) ?? '';
const put = async (name: string, text: string): Promise<void> => {
  await mkdir(dirname(fileOf(name)), { recursive: true });
  await writeFile(fileOf(name), text);
};
const install = (...args: readonly string[]) => run(setting, 'install', ...args);
const document = (name: string, text: string): Record<string, Record<string, unknown>> =>
  name === 'codex' ? (parseToml(text) as never) : (parseJson(text) as never);

test.each(Object.entries(SAMPLES))(
  '%s: added beside what is there, once, and taken out again',
  async (name, sample) => {
    await put(name, sample);
    const { code, stdout } = await install(name);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining(`added to ${fileOf(name)}`) });
    const added = await readFile(fileOf(name), 'utf8');
    const servers = CLIENTS.find((client) => client.name === name)?.servers ?? '';
    const { codebase, ...others } = document(name, added)[servers] as Record<
      string,
      { command: string; args: string[] }
    >;
    expect(codebase).toMatchObject({ command: process.execPath, args: expect.arrayContaining([setting.main, 'mcp']) });
    expect(others).toEqual(document(name, sample)[servers] ?? {});
    for (const comment of sample.match(/(#|\/\/) \w+/g) ?? []) expect(added).toContain(comment);
    expect(await readFile(`${fileOf(name)}.codebase-mcp-backup`, 'utf8')).toBe(sample);
    expect((await install(name)).stdout).toContain('nothing to change');
    expect(await readFile(fileOf(name), 'utf8')).toBe(added);
    expect((await install(name, '--uninstall')).stdout).toContain('taken out of');
    expect(await readFile(fileOf(name), 'utf8')).toBe(sample);
    expect((await install(name, '--uninstall')).stdout).toContain('nothing to change');
  },
);

test.each(Object.entries(SAMPLES))('%s: taken out of a file that was changed since', async (name, sample) => {
  await put(name, sample);
  await install(name);
  const [before, mine] = name === 'codex' ? ['model = "gpt-5"', 'model = "o9"'] : ['{', '{ "mine": 1,'];
  await put(name, (await readFile(fileOf(name), 'utf8')).replace(before, mine));
  expect((await install(name, '--uninstall')).stdout).toContain('taken out of');
  const servers = CLIENTS.find((client) => client.name === name)?.servers ?? '';
  const [was, is] = [sample.replace(before, mine), await readFile(fileOf(name), 'utf8')].map((text) =>
    document(name, text),
  );
  expect({ ...is, [servers]: is?.[servers] ?? {} }).toEqual({ ...was, [servers]: was?.[servers] ?? {} });
});

test.each([
  ['line ends of Windows', 'gemini', '{\r\n  "theme": "dark",\r\n  "mcpServers": { "o": {} }\r\n}\r\n'],
  ['line ends of Windows', 'codex', 'model = "gpt-5"\r\n\r\n[mcp_servers.o]\r\ncommand = "npx"\r\n'],
  ['a byte order mark', 'gemini', '\ufeff{ "theme": "dark" }'],
  ['a byte order mark', 'codex', '\ufeffmodel = "gpt-5"\n'],
  ['no servers', 'gemini', '{ "mcpServers": null }'],
  ['nothing', 'gemini', ''],
  ['nothing', 'codex', ''],
])('a file with %s (%s) keeps it, and comes back to the byte', async (_, name, text) => {
  await put(name, text);
  await chmod(fileOf(name), 0o666);
  expect((await install(name)).stdout).toContain('added to');
  const added = await readFile(fileOf(name), 'utf8');
  expect([added.startsWith('\ufeff'), (await stat(fileOf(name))).mode & 0o777]).toEqual([
    text.startsWith('\ufeff'),
    0o666,
  ]);
  if (text.includes('\r')) expect(added.match(/[^\r]\n/)).toBeNull();
  await install(name, '--uninstall');
  expect(await readFile(fileOf(name), 'utf8')).toBe(text);
});

test('a file that was not there goes again', async () => {
  for (const { name } of CLIENTS) {
    await install(name);
    expect((await install(name, '--uninstall', '--print')).stdout).toContain('would be taken out of');
    expect((await install(name, '--uninstall')).stdout).toContain('taken out of');
    await expect(stat(fileOf(name))).rejects.toThrow('ENOENT');
  }
});

test('what is no file is said to be none', async () => {
  await mkdir(fileOf('gemini'), { recursive: true });
  const { code, stderr } = await install('gemini');
  expect({ code, stderr }).toEqual({
    code: 24,
    stderr: `codebase-mcp: ${fileOf('gemini')} cannot be read (EISDIR); nothing was changed in it.\n`,
  });
});

test('the file of VS Code, in full', async () => {
  await put('vscode', SAMPLES['vscode'] ?? '');
  await install('vscode');
  const text = await readFile(fileOf('vscode'), 'utf8');
  expect(text.replaceAll(setting.main, '<main>').replaceAll(process.execPath, '<node>')).toMatchInlineSnapshot(`
    "{
        // the servers
        "servers": {
            "codebase": {
                "type": "stdio",
                "command": "<node>",
                "args": [
                    "<main>",
                    "mcp",
                    "--repository",
                    "\${workspaceFolder}"
                ]
            },
            "other": { "type": "http", "url": "https://example.com/mcp" }, // remote
        },
        "inputs": [],
    }
    "
  `);
});

test('Codex keeps its files where CODEX_HOME says', async () => {
  setting.env.CODEX_HOME = join(home, 'elsewhere');
  expect((await install('codex')).stdout).toContain(`added to ${join(home, 'elsewhere', 'config.toml')}`);
  expect((await install('--all', '--print')).stdout).toContain('Codex: nothing to change');
  expect(await readdir(home)).toEqual(['elsewhere']);
});

test('an older entry of ours is brought up to date', async () => {
  await put('claude', '{"mcpServers":{"codebase":{"command":"node","args":["/old/main.js","mcp"]}}}');
  expect((await install('claude')).stdout).toContain('changed in');
  const { mcpServers } = document('claude', await readFile(fileOf('claude'), 'utf8'));
  expect(mcpServers).toMatchObject({ codebase: { args: [setting.main, 'mcp'] } });
});

test('--print shows and writes nothing', async () => {
  await put('codex', SAMPLES['codex'] ?? '');
  const { stdout } = await install('--all', '--print');
  expect(
    stdout.replaceAll(home, '<home>').replaceAll(setting.main, '<main>').replaceAll(process.execPath, '<node>'),
  ).toMatchInlineSnapshot(`
    "Codex: would be added to <home>/.codex/config.toml
      + [mcp_servers.codebase]
      + command = "<node>"
      + args = [ "<main>", "mcp" ]
      +
    "
  `);
  expect(await readdir(join(home, '.codex'))).toEqual(['config.toml']);
});

test.each([
  ['claude', '{"mcpServers": {', 'cannot be read (CloseBraceExpected in line 1)'],
  ['claude', '[1, 2]', 'cannot be read (it is no object)'],
  ['claude', '{"mcpServers": []}', 'has something else than servers under mcpServers'],
  ['codex', 'model = \n', 'cannot be read ('],
  ['codex', 'mcp_servers = { o = { command = "npx" } }\n', 'cannot be edited without changing something else'],
])('%s with %j is left as it is', async (name, text, why) => {
  await put(name, text);
  await put('gemini', SAMPLES['gemini'] ?? '');
  const { code, stderr } = await install(name, 'gemini');
  expect(code).toBe(10);
  expect(stderr).toContain(why);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(await readFile(fileOf(name), 'utf8')).toBe(text);
  expect(await readFile(fileOf('gemini'), 'utf8')).toBe(SAMPLES['gemini']);
});

test('a linked file stays a link, and keeps its mode', async () => {
  const real = join(home, 'dotfiles.json');
  await writeFile(real, '{}\n', { mode: 0o640 });
  await symlink(real, fileOf('claude'));
  await install('claude');
  expect(await readlink(fileOf('claude'))).toBe(real);
  expect((await stat(real)).mode & 0o777).toBe(0o640);
  expect(await readFile(real, 'utf8')).toContain('codebase');
});

test('nothing named, nothing known, nothing there', async () => {
  expect((await install()).stderr).toMatchInlineSnapshot(`
    "codebase-mcp: Name a client (claude, claude-desktop, codex, cursor, vscode, gemini, windsurf, zed), or say --all for those on this machine.
    "
  `);
  expect((await install('emacs')).stderr).toMatchInlineSnapshot(`
    "codebase-mcp: There is no client emacs; the clients are claude, claude-desktop, codex, cursor, vscode, gemini, windsurf, zed.
    "
  `);
  expect((await install('--all')).stderr).toMatchInlineSnapshot(`
    "codebase-mcp: None of the clients is on this machine (claude, claude-desktop, codex, cursor, vscode, gemini, windsurf, zed); name one to prepare its file.
    "
  `);
});
