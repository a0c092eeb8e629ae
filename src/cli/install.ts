// `codebase-mcp install [client…]`
import { homedir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import type { Client, Place } from '../clients/clients.js';
import type { Change, Plan } from '../clients/install.js';
import type { Io } from './io.js';

interface InstallOptions {
  readonly all?: boolean;
  readonly print?: boolean;
  readonly uninstall?: boolean;
}

const EXAMPLES = `
Examples:
  codebase-mcp install --all --print
  codebase-mcp install claude codex
  codebase-mcp install --all --uninstall`;

export function installCommand(io: Io): Command {
  return new Command('install')
    .description('Add this server to the configuration of coding assistants, or take it out')
    .argument('[client...]', 'claude, claude-desktop, codex, cursor, vscode, gemini, windsurf or zed')
    .option('--all', 'every one of them that is on this machine')
    .option('--print', 'show what would be written, and write nothing')
    .option('--uninstall', 'take the server out')
    .addHelpText('after', EXAMPLES)
    .action((names: readonly string[], options: InstallOptions) => install(io, names, options));
}

async function install(io: Io, names: readonly string[], options: InstallOptions): Promise<void> {
  const { plan, carryOut } = await import('../clients/install.js');
  const { loadVariable } = await import('../config.js');
  const place = { home: homedir(), platform: process.platform, codexHome: loadVariable('CODEX_HOME') };
  const launch = { node: process.execPath, main: fileURLToPath(new URL('main.js', import.meta.url)) };
  const clients = await chosen(names, options, place);
  // All are planned before the first is written: one that cannot be edited leaves the others as they are, too.
  const plans = [];
  for (const client of clients) plans.push(await plan(client, place, options.uninstall ? undefined : launch));
  for (const each of plans) {
    if (options.print) {
      io.out(
        `${each.client.title}: ${WOULD[each.change]} ${each.file}${each.change === 'none' ? '' : `\n${shown(each)}`}`,
      );
      continue;
    }
    const backup = await carryOut(each);
    io.out(`${each.client.title}: ${DONE[each.change]} ${each.file}${backup === null ? '' : ` (before: ${backup})`}`);
  }
}

const WOULD: Readonly<Record<Change, string>> = {
  add: 'would be added to',
  update: 'would be changed in',
  remove: 'would be taken out of',
  none: 'nothing to change in',
};
const DONE: Readonly<Record<Change, string>> = {
  add: 'added to',
  update: 'changed in',
  remove: 'taken out of',
  none: 'nothing to change in',
};

async function chosen(names: readonly string[], { all }: InstallOptions, place: Place): Promise<readonly Client[]> {
  const { CLIENTS } = await import('../clients/clients.js');
  const { isThere } = await import('../clients/install.js');
  const { CodebaseError } = await import('../errors.js');
  const known = CLIENTS.map(({ name }) => name).join(', ');
  const unknown = names.find((name) => !CLIENTS.some((client) => client.name === name));
  if (unknown !== undefined) {
    throw new CodebaseError('usage', `There is no client ${unknown}; the clients are ${known}.`);
  }
  if (names.length === 0 && !all) {
    throw new CodebaseError('usage', `Name a client (${known}), or say --all for those on this machine.`);
  }
  if (!all) return CLIENTS.filter(({ name }) => names.includes(name));
  const there = await Promise.all(CLIENTS.map((client) => isThere(client, place)));
  const found = CLIENTS.filter((client, i) => there[i] || names.includes(client.name));
  if (found.length > 0) return found;
  throw new CodebaseError(
    'not_found',
    `None of the clients is on this machine (${known}); name one to prepare its file.`,
  );
}

/** The lines that differ, as a diff shows them. */
function shown({ before, after }: Plan): string {
  const [old, next] = [before ?? '', after ?? ''].map((text) => text.split('\n')) as [string[], string[]];
  let start = 0;
  while (start < old.length && start < next.length && old[start] === next[start]) start += 1;
  let end = 0;
  while (end < old.length - start && end < next.length - start && old.at(-1 - end) === next.at(-1 - end)) end += 1;
  const removed = old.slice(start, old.length - end).map((line) => `  - ${line}`.trimEnd());
  const added = next.slice(start, next.length - end).map((line) => `  + ${line}`.trimEnd());
  return [...removed, ...added].join('\n');
}
