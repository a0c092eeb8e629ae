// `codebase-mcp index [path]`
import { resolve } from 'node:path';
import { Command } from 'commander';
import { gitRoot } from '../mcp/git-root.js';
import { renderReport } from '../mcp/render/report.js';
import type { IndexRequest } from '../service.js';
import type { Io } from './io.js';
import { jsonOption, projectOption } from './options.js';
import { openJobProgress } from './progress.js';
import { type GlobalOptions, withCodebase } from './session.js';

interface IndexOptions extends GlobalOptions {
  readonly dryRun?: boolean;
}

export function indexCommand(io: Io): Command {
  return new Command('index')
    .description('Index a repository, or bring its index up to date')
    .argument('[path]', 'directory of the repository (default: the git repository of the working directory)')
    .option('--dry-run', 'show what would be indexed and what left out; nothing is written')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action(async (path: string | undefined, _options: unknown, command: Command) => {
      const { json, project, dryRun } = command.optsWithGlobals<IndexOptions>();
      const { parseRequest } = await import('../requests.js');
      const { IndexRequest } = await import('../service.js');
      const request = parseRequest(IndexRequest, { path: await pathMeant(path), project }, (field) => `--${field}`);
      if (dryRun) return await survey(io, request, json);
      await withCodebase(command, async (codebase) => {
        const progress = openJobProgress(io);
        const report = await codebase
          .index(request, { signal: io.signal, onProgress: progress.update })
          .finally(progress.end);
        io.out(json ? JSON.stringify(report, null, 2) : renderReport(report));
      });
    });
}

async function survey(io: Io, request: IndexRequest, json: boolean | undefined): Promise<void> {
  const { dryRun } = await import('../dry-run.js');
  const { renderDryRun } = await import('../mcp/render/dry-run.js');
  const found = await dryRun(request, io.signal);
  io.out(json ? JSON.stringify(found, null, 2) : renderDryRun(found));
}

async function pathMeant(path: string | undefined): Promise<string> {
  return path === undefined ? ((await gitRoot(process.cwd())) ?? process.cwd()) : resolve(path);
}
