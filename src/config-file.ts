// .codebase-mcp/config.json: what a repository says about itself.
import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { CodebaseError } from './errors.js';

/** Globs of one list: each is looked at for every file. */
const MAX_GLOBS = 1000;
const Globs = z.array(z.string().min(1).max(4096)).max(MAX_GLOBS);

const ConfigFile = z.object({
  version: z.literal('1.0'),
  project: z.object({ id: z.string() }).optional(),
  /** Patterns as in .gitignore, relative to the directory that holds .codebase-mcp: only these files are indexed. */
  include: Globs.optional(),
  /** In the same way: these files are not. */
  exclude: Globs.optional(),
});
type ConfigFile = z.infer<typeof ConfigFile>;

export interface FoundConfig {
  /** The directory that holds .codebase-mcp. */
  readonly directory: string;
  readonly file: string;
  readonly config: ConfigFile;
}

/** The nearest configuration from a directory upward that says what is wanted; null where there is none. */
export function nearestConfig(path: string, says: (config: ConfigFile) => boolean): FoundConfig | null {
  for (let directory = path; ; directory = dirname(directory)) {
    const file = join(directory, '.codebase-mcp', 'config.json');
    const text = readIfThere(file);
    const config = text === null ? null : parse(file, text);
    if (config !== null && says(config)) return { directory, file, config };
    if (dirname(directory) === directory) return null;
  }
}

/** More than a thousand long globs. What is larger, or a pipe or a device, would be read for ever. */
const MAX_BYTES = 10_000_000;

function readIfThere(file: string): string | null {
  try {
    const found = statSync(file);
    if (!found.isFile() || found.size > MAX_BYTES) throw noConfig(file);
    return readFileSync(file, 'utf8').replace(/^\ufeff/, ''); // some editors begin with a byte order mark
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof CodebaseError) throw error;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return null;
    throw new CodebaseError(
      'permission_denied',
      `${file} cannot be read (${code}); make it readable, or remove it and pass --project.`,
      { cause: error },
    );
  }
}

function noConfig(file: string): CodebaseError {
  return new CodebaseError(
    'invalid_input',
    `${file} is not a file of at most ${MAX_BYTES / 1_000_000} MB; it must look like ${EXAMPLE}.`,
  );
}

function parse(file: string, text: string): ConfigFile {
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
  const parsed = ConfigFile.safeParse(json);
  if (parsed.success) return parsed.data;
  const field = parsed.error.issues[0]?.path.join('.') || 'the document';
  throw new CodebaseError(
    'invalid_input',
    `${file}: ${field} is missing or not what it must be; it must look like ${EXAMPLE}.`,
  );
}

const EXAMPLE = '{"version":"1.0","project":{"id":"my-project"},"include":["src/"],"exclude":["*.snap.ts"]}';

/** Line and column of V8's JSON error. It gives an offset, or names a token that must not be where it is. */
function placeOf(error: unknown, text: string): string {
  const message = error instanceof Error ? error.message : '';
  const named = /position (\d+)/.exec(message)?.[1];
  const offset = message.startsWith(TOKEN) ? offsetOfToken(text) : Number(named ?? text.length);
  const before = text.slice(0, offset).split('\n');
  return ` (line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1})`;
}

const TOKEN = 'Unexpected token';

/** The last character of the shortest beginning of the text that is refused for a token, and not because it ends. */
function offsetOfToken(text: string): number {
  let [right, wrong] = [0, text.length];
  while (wrong - right > 1) {
    const middle = Math.floor((right + wrong) / 2);
    if (refusedForToken(text.slice(0, middle))) wrong = middle;
    else right = middle;
  }
  return right;
}

function refusedForToken(text: string): boolean {
  try {
    JSON.parse(text);
    return false;
  } catch (error) {
    return error instanceof Error && error.message.startsWith(TOKEN);
  }
}
