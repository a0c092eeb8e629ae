// Names of file contents, the way git names them: what git has looked at already need not be read again.
import { createHash } from 'node:crypto';
import { git, splitAtNul } from './git.js';

/** Git's object name of a file's bytes, in hex: SHA-1 over a header and the bytes. */
export function blobOf(bytes: Uint8Array): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

/**
 * Path → object name of every tracked file below `root` that git finds unchanged on disk; empty where there is no git. Git
 * compares size, times, inode and mode, and reads the file when these could deceive.
 */
export async function unchangedBlobs(root: string, signal?: AbortSignal): Promise<ReadonlyMap<string, string>> {
  const [staged, changed] = await Promise.all([
    git(root, ['ls-files', '-s', '-v', '-z'], signal),
    git(root, ['diff-files', '--name-only', '--relative', '-z'], signal),
  ]);
  const blobs = new Map<string, string>();
  if (staged === null || changed === null) return blobs;
  for (const entry of splitAtNul(staged)) {
    // Only plain entries (tag H): one that is assumed unchanged or skipped says nothing about the disk.
    const [, blob, path] = /^H 100\d{3} ([0-9a-f]+) 0\t([\s\S]+)$/.exec(entry.toString()) ?? [];
    if (blob !== undefined && path !== undefined) blobs.set(path, blob);
  }
  for (const path of splitAtNul(changed)) blobs.delete(path.toString());
  return blobs;
}
