// Which project a path belongs to: the nearest .codebase-mcp/config.json upward from it, unless the caller names one.
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { CodebaseError } from './errors.js';
import { type ProjectId, parseProjectId } from './project.js';
import { DEFAULT_PROJECT } from './service.js';

const ProjectConfig = z.object({ version: z.literal('1.0'), project: z.object({ id: z.string() }) });

/** Explicit name → nearest configuration file → `default`. `path` is absolute. */
export async function resolveProject(explicit: string | undefined, path: string | undefined): Promise<ProjectId> {
  if (explicit !== undefined) return parseProjectId(explicit);
  for (const file of path === undefined ? [] : configFiles(path)) {
    const text = await readIfThere(file);
    if (text !== null) return parseProjectId(projectOf(file, text));
  }
  return parseProjectId(DEFAULT_PROJECT);
}

function configFiles(path: string): string[] {
  const directories = [path];
  for (let at = path; dirname(at) !== at; at = dirname(at)) directories.push(dirname(at));
  return directories.map((directory) => join(directory, '.codebase-mcp', 'config.json'));
}

async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new CodebaseError(
      'permission_denied',
      `${file} cannot be read (${code}); make it readable or pass --project.`,
      { cause: error },
    );
  }
}

function projectOf(file: string, text: string): string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new CodebaseError(
      'invalid_input',
      `${file} is not valid JSON${placeOf(error, text)}; it must look like ${EXAMPLE}.`,
      { cause: error },
    );
  }
  const parsed = ProjectConfig.safeParse(json);
  if (parsed.success) return parsed.data.project.id;
  const field = parsed.error.issues[0]?.path.join('.') || 'the document';
  throw new CodebaseError(
    'invalid_input',
    `${file}: ${field} is missing or not what it must be; it must look like ${EXAMPLE}.`,
  );
}

const EXAMPLE = '{"version":"1.0","project":{"id":"my-project"}}';

/** Line and column of V8's JSON error; it gives only an offset. */
function placeOf(error: unknown, text: string): string {
  const offset = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
  const before = text.slice(0, offset === undefined ? text.length : Number(offset)).split('\n');
  return ` (line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1})`;
}
