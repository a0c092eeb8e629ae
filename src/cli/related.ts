// `codebase-mcp related <file[:line]>`
import { resolve } from 'node:path';
import { Command } from 'commander';
import { renderSearch } from '../mcp/render/search.js';
import type { Io } from './io.js';
import { detailOption, jsonOption, projectOption, repeatable } from './options.js';
import { openJobProgress } from './progress.js';
import { type GlobalOptions, withCodebase } from './session.js';

interface RelatedOptions extends GlobalOptions {
  readonly repository?: string;
  readonly all?: boolean;
  readonly pathGlob?: readonly string[];
  readonly language?: readonly string[];
  readonly limit?: string;
  readonly maxTokens?: string;
  readonly detail?: string;
}

/** Where a field of the request comes from on the command line, for error sentences. */
const NAMES: Readonly<Record<string, string>> = {
  file: 'The file',
  paths: '--path-glob',
  languages: '--language',
  max_tokens: '--max-tokens',
};

const EXAMPLES = `
Examples:
  codebase-mcp related src/http/retry.ts:40
  codebase-mcp related src/http/retry.ts --all --detail paths`;

export function relatedCommand(io: Io): Command {
  return new Command('related')
    .description('Find code like that of a function or file; its repository is indexed first if it never was')
    .argument('<file[:line]>', 'the file, and a line of the function that is meant; without it the whole file')
    .option('--repository <path>', 'repository to search (default: the one that holds the file)')
    .option('--all', 'search every repository of the project')
    .option('--path-glob <glob>', 'only files whose path matches; !glob excludes (repeatable)', repeatable)
    .option('--language <name>', 'only files in this language (repeatable)', repeatable)
    .option('--limit <files>', 'files to show, most similar first (default: 10)')
    .option('--max-tokens <tokens>', 'approximate size limit of the answer (default: 6000)')
    .addOption(detailOption())
    .addOption(projectOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action((place: string, _options: unknown, command: Command) => related(io, place, command));
}

async function related(io: Io, place: string, command: Command): Promise<void> {
  const options = command.optsWithGlobals<RelatedOptions>();
  const { parseRequest } = await import('../requests.js');
  const { RelatedRequest } = await import('../service.js');
  const { splitPlace } = await import('../place.js');
  const { path, line } = splitPlace(place);
  const file = resolve(path);
  const raw = {
    file,
    line,
    project: options.project,
    repository: resolve(options.repository ?? file),
    paths: options.pathGlob,
    languages: options.language,
    limit: options.limit,
    detail: options.detail,
    max_tokens: options.maxTokens,
  };
  const request = parseRequest(RelatedRequest, raw, (field) => NAMES[field] ?? `--${field}`);
  const { searchScope } = await import('../search-scope.js');
  await withCodebase(command, async (codebase) => {
    const { project, repository: path } = request;
    const wanted = { project, path, named: options.repository !== undefined, whole: options.all };
    const scoped = { ...request, ...(await searchScope(codebase, wanted)) };
    const progress = openJobProgress(io);
    const following = { signal: io.signal, onProgress: progress.update };
    const answer = await codebase.related(scoped, following).finally(progress.end);
    io.out(options.json ? JSON.stringify(answer, null, 2) : renderSearch(answer, io.style));
  });
}
