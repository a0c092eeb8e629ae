// .codebase-mcp/config.json: what a repository says about itself.
import { readFileSync } from 'node:fs';
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
  readonly config: ConfigFile;
}

/** The nearest configuration from a directory upward that says what is wanted; null where there is none. */
export function nearestConfig(path: string, says: (config: ConfigFile) => boolean): FoundConfig | null {
  for (let directory = path; ; directory = dirname(directory)) {
    const file = join(directory, '.codebase-mcp', 'config.json');
    const text = readIfThere(file);
    const config = text === null ? null : parse(file, text);
    if (config !== null && says(config)) return { directory, config };
    if (dirname(directory) === directory) return null;
  }
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return null;
    throw new CodebaseError(
      'permission_denied',
      `${file} cannot be read (${code}); make it readable, or remove it and pass --project.`,
      { cause: error },
    );
  }
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

/** Line and column of V8's JSON error; it gives only an offset. */
function placeOf(error: unknown, text: string): string {
  const offset = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
  const before = text.slice(0, offset === undefined ? text.length : Number(offset)).split('\n');
  return ` (line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1})`;
}
