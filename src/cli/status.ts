// `codebase-mcp status [path]`
import { resolve } from 'node:path';
import { Command } from 'commander';
import { renderStatus } from '../mcp/render/status.js';
import type { Io } from './io.js';
import { jsonOption, projectOption } from './options.js';
import { type GlobalOptions, withCodebase } from './session.js';

export function statusCommand(io: Io): Command {
  return new Command('status')
    .description('What is indexed, what was skipped and why, which jobs run')
    .argument('[path]', 'only the repository that holds this path')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action(async (path: string | undefined, _options: unknown, command: Command) => {
      const { json, project } = command.optsWithGlobals<GlobalOptions>();
      await withCodebase(command, async (codebase) => {
        const status = await codebase.status({ project, path: path === undefined ? undefined : resolve(path) });
        io.out(json ? JSON.stringify(status, null, 2) : renderStatus(status));
      });
    });
}
