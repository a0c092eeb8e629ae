// Directory → the files to index, and the files left out with the reason for each. Reads names and sizes, not contents.
import { CodebaseIgnore } from './codebase-ignore.js';
import { breathe, Collector, type Discovery } from './collect.js';
import { gitFiles, isGitDirectory, trackedFiles } from './git.js';
import { isDependencyDirectory } from './path-rules.js';
import { walkFiles } from './walk.js';

export type { Discovery } from './collect.js';

/** `root`: absolute, real path of a directory (see root.ts). In a git work tree the files are the ones git sees. */
export async function discover(root: string, signal?: AbortSignal): Promise<Discovery> {
  const collector = new Collector(root);
  const excluded = new CodebaseIgnore(root);
  const listed = (await isGitDirectory(root, signal)) ? await gitFiles(root, signal) : null;
  if (listed) await collectListed(collector, excluded, listed, signal);
  else await walkFiles(collector, excluded, signal);
  return collector.result();
}

/** Between two looks at the event loop; each takes some microseconds. */
const FILES_AT_A_TIME = 500;

async function collectListed(
  collector: Collector,
  excluded: CodebaseIgnore,
  listed: readonly Buffer[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const unwanted = await untrackedDependencies(collector.root, listed, signal);
  for (const [i, bytes] of listed.entries()) {
    if (i % FILES_AT_A_TIME === 0) await breathe(signal);
    const path = bytes.toString();
    const directory = unwanted(path);
    if (path.includes('\uFFFD') && !Buffer.from(path).equals(bytes)) collector.skip(path, 'name');
    else if (directory === 'seen') continue;
    else if (directory) collector.skip(directory, 'dependency');
    else {
      const reason = excluded.reason(path);
      if (reason) collector.skip(path, reason);
      else collector.add(path);
    }
  }
}

/** Tells the directory of dependencies that an untracked file is in: once by name, then `seen`; null for any other file. */
async function untrackedDependencies(
  root: string,
  listed: readonly Buffer[],
  signal: AbortSignal | undefined,
): Promise<(path: string) => string | null> {
  if (!listed.some((path) => dependencyDirectory(path.toString()))) return () => null;
  const tracked = await trackedFiles(root, signal);
  const seen = new Set<string>();
  return (path) => {
    const directory = tracked.has(path) ? null : dependencyDirectory(path);
    if (!directory) return null;
    if (seen.has(directory)) return 'seen';
    seen.add(directory);
    return directory;
  };
}

function dependencyDirectory(path: string): string | null {
  const parts = path.split('/');
  const at = parts.findIndex((part, i) => i < parts.length - 1 && isDependencyDirectory(part));
  return at < 0 ? null : `${parts.slice(0, at + 1).join('/')}/`;
}
