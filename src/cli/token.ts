// `codebase-mcp token create|list|revoke`: who may use the HTTP server, and for what.
import { Command } from 'commander';
import type { StoredToken } from '../mcp/http/tokens.js';
import type { Io } from './io.js';
import { jsonOption, repeatable, wholeNumber } from './options.js';
import { configOf, type GlobalOptions } from './session.js';

export function tokenCommand(io: Io): Command {
  return new Command('token')
    .description('Bearer tokens of the HTTP server: create, list, revoke')
    .addCommand(createCommand(io))
    .addCommand(listCommand(io))
    .addCommand(revokeCommand(io));
}

interface CreateOptions {
  readonly project?: readonly string[];
  readonly allProjects?: boolean;
  readonly write?: boolean;
  readonly days: number;
}

function createCommand(io: Io): Command {
  return new Command('create')
    .description('Make a token and print it; it is shown this once')
    .argument('<name>', 'what to call it, for example the person or program it is for')
    .option('--project <id>', 'project that it is for; repeatable', repeatable)
    .option('--all-projects', 'for every project, also those to come')
    .option('--write', 'also index and remove; with --all-projects whatever is under the server’s --root')
    .addOption(wholeNumber('--days <n>', 'how long it is good for, in days', 1, 3650, 365))
    .action(async (name: string, options: CreateOptions, command: Command) => {
      const { project = null, allProjects = false, write = false, days } = options;
      if ((project !== null) === allProjects) {
        const { CodebaseError } = await import('../errors.js');
        throw new CodebaseError(
          'invalid_input',
          'Say what the token is for: --project ID, repeatable, or --all-projects.',
        );
      }
      const { tokenFile } = await configOf(command);
      const { createToken } = await import('../mcp/http/tokens.js');
      io.out(await createToken(tokenFile, { name, projects: project, write, days }));
    });
}

function listCommand(io: Io): Command {
  return new Command('list')
    .description('The tokens there are, without what clients show')
    .addOption(jsonOption())
    .action(async (_options: unknown, command: Command) => {
      const { json } = command.optsWithGlobals<GlobalOptions>();
      const { tokenFile } = await configOf(command);
      const { readTokens } = await import('../mcp/http/tokens.js');
      const tokens = (await readTokens(tokenFile)).map(({ sha256: _, ...shown }) => shown);
      if (json) io.out(JSON.stringify(tokens, null, 2));
      else
        io.out(tokens.length === 0 ? 'No tokens; codebase-mcp token create makes one.' : tokens.map(line).join('\n'));
    });
}

function line({ id, name, projects, write, expires_at }: Omit<StoredToken, 'sha256'>): string {
  const until = Date.parse(expires_at) < Date.now() ? 'expired' : 'until';
  const what = projects === null ? 'every project' : projects.join(', ');
  return `${id}  ${name}: ${write ? 'read and write' : 'read'} ${what}, ${until} ${expires_at.slice(0, 10)}`;
}

function revokeCommand(io: Io): Command {
  return new Command('revoke')
    .description('Make a token worthless, from the next request on')
    .argument('<name>', 'its name or id')
    .action(async (name: string, _options: unknown, command: Command) => {
      const { tokenFile } = await configOf(command);
      const { revokeToken } = await import('../mcp/http/tokens.js');
      const revoked = await revokeToken(tokenFile, name);
      io.out(`Revoked ${revoked.name} (${revoked.id}).`);
    });
}
