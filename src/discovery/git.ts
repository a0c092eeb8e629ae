// Files as git sees them: tracked, and untracked but not ignored; into submodules and nested repositories.
import { type ExecFileException, execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { look } from './look.js';

/** Nothing in a repository's configuration may run a program, and no lock is taken in it. */
const SAFE_OPTIONS = ['--no-optional-locks', '-c', 'core.fsmonitor=false', '-c', 'safe.directory=*'];

const MAX_OUTPUT = 512 * 1024 * 1024;

/**
 * Paths below a directory, relative to it, as bytes: names need not be UTF-8. A directory among them
 * is a submodule that is not checked out. null when git is missing or refuses.
 */
export async function gitFiles(directory: string, signal?: AbortSignal): Promise<Buffer[] | null> {
  const listed = await listFiles(directory, ['-co', '--exclude-standard', '--deduplicate'], signal);
  if (!listed) return null;
  const files: Buffer[] = [];
  for (const path of listed) {
    const nested = nestedRepository(directory, path);
    if (nested === null) {
      files.push(path);
      continue;
    }
    const inner = (await gitFiles(join(directory, nested), signal)) ?? [];
    for (const file of inner) files.push(Buffer.concat([Buffer.from(`${nested}/`), file]));
  }
  return files;
}

/** Paths that git tracks below a directory. */
export async function trackedFiles(directory: string, signal?: AbortSignal): Promise<ReadonlySet<string>> {
  const files = (await listFiles(directory, ['-c'], signal)) ?? [];
  return new Set(files.map((file) => file.toString()));
}

/** Exit code of `git check-ignore` for a path of a work tree that is not ignored; outside of one it is 128. */
const NOT_IGNORED = 1;

/** Is a directory inside a work tree, and not one that the work tree ignores? False where git is missing. */
export async function isGitDirectory(directory: string, signal?: AbortSignal): Promise<boolean> {
  const { code } = await run(directory, ['check-ignore', '-q', '.'], signal);
  return code === NOT_IGNORED;
}

async function listFiles(
  directory: string,
  options: readonly string[],
  signal?: AbortSignal,
): Promise<Buffer[] | null> {
  const output = await git(directory, ['ls-files', '-z', ...options], signal);
  return output && splitAtNul(output);
}

/** Path of a submodule's or nested repository's work tree, without a slash at its end; null for anything else. */
function nestedRepository(directory: string, path: Buffer): string | null {
  // A nested repository is listed with a slash, a submodule without.
  const text = path.toString().replace(/\/$/, '');
  const status = look(join(directory, text));
  if (status === null || typeof status === 'string' || !status.isDirectory()) return null;
  // Without a .git of its own, git would list the directory around it again, for ever.
  return existsSync(join(directory, text, '.git')) ? text : null;
}

export function splitAtNul(output: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let start = 0, end = output.indexOf(0); end >= 0; start = end + 1, end = output.indexOf(0, start)) {
    parts.push(output.subarray(start, end));
  }
  return parts;
}

/** Standard output of git; null when git is not installed or exits with an error. */
export async function git(
  directory: string,
  parameters: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Buffer | null> {
  const { code, output } = await run(directory, parameters, signal);
  return code === 0 ? output : null;
}

interface Ended {
  /** Exit code, or the name of the error that kept git from running. */
  readonly code: number | string;
  readonly output: Buffer;
}

function run(directory: string, parameters: readonly string[], signal: AbortSignal | undefined): Promise<Ended> {
  const options = { cwd: directory, encoding: 'buffer', maxBuffer: MAX_OUTPUT, windowsHide: true } as const;
  return new Promise((resolve, reject) => {
    const done = (error: ExecFileException | null, output: Buffer): void => {
      if (error && signal?.aborted) reject(signal.reason);
      else resolve({ code: error ? (error.code ?? 'killed') : 0, output });
    };
    execFile('git', [...SAFE_OPTIONS, ...parameters], signal ? { ...options, signal } : options, done);
  });
}
