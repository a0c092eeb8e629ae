// `codebase-mcp search <query…>`
import { resolve } from 'node:path';
import { Command } from 'commander';
import { renderSearch } from '../mcp/render/search.js';
import type { Io } from './io.js';
import { detailOption, jsonOption, projectsOption, repeatable } from './options.js';
import { openJobProgress } from './progress.js';
import { type GlobalOptions, withCodebase } from './session.js';

interface SearchOptions extends GlobalOptions {
  readonly repository?: string;
  readonly all?: boolean;
  readonly allProjects?: boolean;
  readonly pathGlob?: readonly string[];
  readonly language?: readonly string[];
  readonly limit?: string;
  readonly maxTokens?: string;
  readonly detail?: string;
  readonly explain?: boolean;
}

/** Where a field of the request comes from on the command line, for error sentences. */
const NAMES: Readonly<Record<string, string>> = {
  query: 'The query',
  paths: '--path-glob',
  languages: '--language',
  max_tokens: '--max-tokens',
};

const EXAMPLES = `
Examples:
  codebase-mcp search where are database connections pooled
  codebase-mcp search parseConfig --language typescript --path-glob 'src/**' --limit 5
  codebase-mcp search retry with backoff --all --json`;

export function searchCommand(io: Io): Command {
  return new Command('search')
    .description('Find the code that does something; a repository that was never indexed is indexed first')
    .argument('<query...>', 'what the code does in plain words, a symbol, or a path')
    .option('--repository <path>', 'repository to search (default: that of the working directory, if --project has it)')
    .option('--all', 'search every repository of the project')
    .option('--path-glob <glob>', 'only files whose path matches; !glob excludes (repeatable)', repeatable)
    .option('--language <name>', 'only files in this language (repeatable)', repeatable)
    .option('--limit <files>', 'files to show, best first (default: 10)')
    .option('--max-tokens <tokens>', 'approximate size limit of the answer (default: 6000)')
    .addOption(detailOption())
    .option('--explain', 'show what each signal of the ranking adds to the score of each file')
    .addOption(projectsOption())
    .option('--all-projects', 'search every repository of every project')
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action((words: readonly string[], _options: unknown, command: Command) => search(io, words, command));
}

async function search(io: Io, words: readonly string[], command: Command): Promise<void> {
  const options = command.optsWithGlobals<SearchOptions>();
  const { parseRequest } = await import('../requests.js');
  const { SearchRequest } = await import('../service.js');
  const request = parseRequest(SearchRequest, rawRequest(words, options), (field) => NAMES[field] ?? `--${field}`);
  const { searchScope } = await import('../search-scope.js');
  await withCodebase(command, async (codebase) => {
    const { project, repository: path } = request;
    const wanted = { project, path, named: options.repository !== undefined, whole: options.all };
    const scoped = { ...request, ...(await searchScope(codebase, wanted)) };
    const progress = openJobProgress(io);
    let told = false;
    const onProgress: typeof progress.update = (job) => {
      if (!told) io.err(`${job.repository} was never indexed; indexing it first.\n`);
      told = true;
      progress.update(job);
    };
    const answer = await codebase.search(scoped, { signal: io.signal, onProgress }).finally(progress.end);
    io.out(options.json ? JSON.stringify(answer, null, 2) : renderSearch(answer, io.style));
  });
}

function rawRequest(words: readonly string[], options: SearchOptions): Record<string, unknown> {
  const projects = options.project?.split(',').map((id) => id.trim()) ?? [];
  const several = projects.length > 1;
  return {
    query: words.join(' '),
    project: several ? undefined : options.project,
    projects: several ? projects : undefined,
    all_projects: options.allProjects,
    repository: options.allProjects || several ? undefined : resolve(options.repository ?? '.'),
    paths: options.pathGlob,
    languages: options.language,
    limit: options.limit,
    detail: options.detail,
    max_tokens: options.maxTokens,
    explain: options.explain,
  };
}
