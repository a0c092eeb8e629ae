// `codebase-mcp remove <path>`
import { resolve } from 'node:path';
import { Command } from 'commander';
import { renderRemoval } from '../mcp/render/status.js';
import type { Io } from './io.js';
import { jsonOption, projectOption } from './options.js';
import { type GlobalOptions, withCodebase } from './session.js';

export function removeCommand(io: Io): Command {
  return new Command('remove')
    .description('Remove a repository from the index; its files on disk are not touched')
    .argument('<path>', 'directory of the repository; it need not exist any more')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action(async (path: string, _options: unknown, command: Command) => {
      const { json, project } = command.optsWithGlobals<GlobalOptions>();
      await withCodebase(command, async (codebase) => {
        const removed = await codebase.remove({ path: resolve(path), project });
        io.out(json ? JSON.stringify(removed, null, 2) : renderRemoval(removed));
      });
    });
}
