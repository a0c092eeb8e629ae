// Which directory is meant, and which are refused: an index of a home directory or of / is never what somebody wants.
import { existsSync, readFileSync } from 'node:fs';
import { access, constants, realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, parse, relative, resolve, sep } from 'node:path';
import { CodebaseError } from '../errors.js';
import { isGitDirectory } from './git.js';

/** Refused with all that is below them. */
const SYSTEM_TREES = [
  '/proc',
  '/sys',
  '/dev',
  '/boot',
  '/etc',
  '/bin',
  '/sbin',
  '/usr/bin',
  '/usr/sbin',
  '/run/secrets',
  '/System',
  'C:\\Windows',
];

/** Refused themselves; projects live below some of them. */
const SYSTEM_DIRECTORIES = [
  ...[
    '/usr',
    '/usr/lib',
    '/usr/lib64',
    '/usr/share',
    '/usr/local',
    '/usr/include',
    '/lib',
    '/lib64',
    '/var',
    '/var/lib',
    '/opt',
  ],
  ...[
    '/run',
    '/srv',
    '/mnt',
    '/media',
    '/home',
    '/Users',
    '/Library',
    '/Applications',
    '/Volumes',
    '/private',
    '/private/etc',
  ],
  ...['C:\\Program Files', 'C:\\Program Files (x86)', 'C:\\ProgramData', 'C:\\Users'],
];

/** Directories of keys, wherever they are: refused with all that is below them. */
const KEY_DIRECTORIES = ['.ssh', '.gnupg', '.aws', '.azure', '.kube', '.docker', '.password-store', 'Keychains'];

export interface Root {
  /** Absolute path without symbolic links. */
  readonly root: string;
  /** Are its files listed by git? */
  readonly git: boolean;
}

/** Resolve the directory to index; refuses what is not there, is no directory, may not be read, or is not a project. */
export async function resolveRoot(path: string): Promise<Root> {
  const root = await existing(path);
  const reason = refusal(root);
  if (reason)
    throw new CodebaseError(
      'refused_path',
      `Not indexing ${root}: it is ${reason}; name the directory of one project instead.`,
    );
  await access(root, constants.R_OK | constants.X_OK).catch((error) => {
    throw new CodebaseError(
      'permission_denied',
      `No permission to read the directory ${root}; change its permissions or run as its owner.`,
      { cause: error },
    );
  });
  return { root, git: await isGitDirectory(root) };
}

async function existing(path: string): Promise<string> {
  const absolute = resolve(path);
  let root: string;
  try {
    root = await realpath(absolute);
    if ((await stat(root)).isDirectory()) return root;
  } catch (error) {
    throw unreachable(absolute, error as NodeJS.ErrnoException);
  }
  throw new CodebaseError(
    'refused_path',
    `${absolute} is a file, not a directory; index the directory it is in: ${dirname(root)}`,
  );
}

function unreachable(path: string, error: NodeJS.ErrnoException): CodebaseError {
  if (error.code === 'EACCES' || error.code === 'EPERM') {
    return new CodebaseError(
      'permission_denied',
      `No permission to reach ${path}; change the permissions of the directories above it.`,
      { cause: error },
    );
  }
  if (error.code === 'ELOOP')
    return new CodebaseError(
      'refused_path',
      `${path} is a symbolic link that leads to itself; name a real directory.`,
      { cause: error },
    );
  const parent = nearestExisting(path);
  return new CodebaseError(
    'not_found',
    `The directory ${path} does not exist; the nearest one that does is ${parent}.`,
    { cause: error },
  );
}

function nearestExisting(path: string): string {
  let parent = dirname(path);
  while (!existsSync(parent) && parent !== dirname(parent)) parent = dirname(parent);
  return parent;
}

/** What a directory is that must not be indexed; null for any other. */
function refusal(root: string): string | null {
  if (root === parse(root).root) return 'the root of the file system';
  const home = resolve(homedir());
  if (root === home) return 'your home directory';
  if (isBelow(home, root)) return 'above your home directory';
  if (SYSTEM_DIRECTORIES.includes(root)) return 'a system directory';
  if (root.split(sep).some((name) => KEY_DIRECTORIES.includes(name))) return 'a directory of keys';
  return SYSTEM_TREES.some((tree) => root === tree || isBelow(root, tree)) ? 'a system directory' : null;
}

function isBelow(path: string, directory: string): boolean {
  const between = relative(directory, path);
  return between !== '' && !between.startsWith('..') && !parse(between).root;
}

/** Top of the git work tree that holds a path; the path itself (a file's directory) where there is none, or a refused one. */
export async function enclosingRepository(path: string): Promise<string> {
  const real = await existing(path).catch(async (error: unknown) => {
    if (error instanceof CodebaseError && error.code === 'refused_path') return dirname(await realpath(resolve(path)));
    throw error;
  });
  for (let directory = real; ; directory = dirname(directory)) {
    if (isWorkTree(directory)) return refusal(directory) ? real : directory;
    if (directory === dirname(directory)) return real;
  }
}

/** A repository's .git directory, or the file that stands for it in submodules and linked worktrees. */
function isWorkTree(directory: string): boolean {
  const git = join(directory, '.git');
  if (existsSync(join(git, 'HEAD'))) return true;
  try {
    return readFileSync(git, 'utf8').startsWith('gitdir:');
  } catch {
    return false;
  }
}
