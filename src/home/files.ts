// Indexed files, read and listed: what the resources of MCP are made of. A file that is not in the index is not read.
import { indexedFile, pathsWith } from '../database/files.js';
import { readSource } from '../discovery/read.js';
import { SKIP_REASONS } from '../discovery/skip.js';
import { CodebaseError } from '../errors.js';
import type { ProjectId } from '../project.js';
import type { FileAnswer, FileRequest, PathsAnswer, PathsRequest } from '../service.js';
import type { Home } from './home.js';

export async function readFile(
  home: Home,
  project: ProjectId,
  request: ReturnType<typeof FileRequest.parse>,
): Promise<FileAnswer> {
  const { path } = request;
  const { id, path: repository } = await home.indexedAt(project, request.repository);
  const known = await home.run(() => indexedFile(home.dbOf(project), { projectId: project, repositoryId: id }, path));
  if (known === undefined) {
    throw new CodebaseError('not_found', `${path} is not in the index of ${repository}; codebase-mcp status says why.`);
  }
  const source = await readSource(repository, path);
  if ('reason' in source) {
    throw new CodebaseError('not_found', `${path} cannot be read any more: ${SKIP_REASONS[source.reason]}.`);
  }
  const lines = source.text.replace(/\n$/, '').split('\n');
  const { start_line: start } = request;
  const end = Math.min(request.end_line ?? lines.length, lines.length);
  if (start > end) {
    throw new CodebaseError('invalid_input', `${path} has ${lines.length} lines; there is no line ${start}.`);
  }
  const text = lines.slice(start - 1, end).join('\n');
  return { repository, path, ...known, start_line: start, end_line: end, lines: lines.length, text: `${text}\n` };
}

export async function listPaths(
  home: Home,
  project: ProjectId,
  { repository, part, limit }: ReturnType<typeof PathsRequest.parse>,
): Promise<PathsAnswer> {
  const { id } = await home.indexedAt(project, repository);
  return home.run(() => pathsWith(home.dbOf(project), { projectId: project, repositoryId: id }, part, limit));
}
