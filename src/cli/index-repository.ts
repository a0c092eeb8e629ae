// `codebase-mcp index [path]`
import { resolve } from 'node:path';
import { Command } from 'commander';
import { gitRoot } from '../mcp/git-root.js';
import { renderReport } from '../mcp/render/report.js';
import type { Io } from './io.js';
import { jsonOption, projectOption } from './options.js';
import { openProgress } from './progress.js';
import { type GlobalOptions, withCodebase } from './session.js';

export function indexCommand(io: Io): Command {
  return new Command('index')
    .description('Index a repository, or bring its index up to date')
    .argument('[path]', 'directory of the repository (default: the git repository of the working directory)')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action(async (path: string | undefined, _options: unknown, command: Command) => {
      const { json, project } = command.optsWithGlobals<GlobalOptions>();
      const { parseRequest } = await import('../requests.js');
      const { IndexRequest } = await import('../service.js');
      const request = parseRequest(IndexRequest, { path: await pathMeant(path), project }, (field) => `--${field}`);
      await withCodebase(command, async (codebase) => {
        const progress = openProgress(io);
        const report = await codebase
          .index(request, { signal: io.signal, onProgress: progress.update })
          .finally(progress.end);
        io.out(json ? JSON.stringify(report, null, 2) : renderReport(report));
      });
    });
}

async function pathMeant(path: string | undefined): Promise<string> {
  return path === undefined ? ((await gitRoot(process.cwd())) ?? process.cwd()) : resolve(path);
}
