// Source archives → the text files in them that are worth mining.
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EXTENSIONS } from './languages.js';

const run = promisify(execFile);
const MAX_FILE_BYTES = 400_000;
const MAX_MAP_BYTES = 4_000_000;

/** A file by its path in the archive, without the archive's own top folder. */
export interface PackedFile {
  readonly path: string;
  read(): Promise<string>;
}

/** Unpack source files, guides, source maps and `also`, hand them to `use`, and delete them again. */
export async function withFiles<T>(
  archives: readonly string[],
  also: readonly string[],
  use: (files: readonly PackedFile[]) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'model-'));
  try {
    const wanted = [...EXTENSIONS.map((extension) => `*.${extension}`), '*.md', '*.map', ...also];
    for (const archive of archives) await unpack(archive, folder, wanted);
    return await use(await listFiles(folder, ''));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function unpack(archive: string, folder: string, wanted: readonly string[]): Promise<void> {
  const options = ['--no-same-owner', '--no-same-permissions', '--wildcards', '--delay-directory-restore', '-m'];
  // tar exits with 2 where a pattern matches nothing; what did match is there.
  await run('tar', ['-x', '-f', archive, '-C', folder, ...options, ...wanted]).catch(() => undefined);
  await run('chmod', ['-R', 'u+rwX', folder]);
}

async function listFiles(root: string, folder: string): Promise<PackedFile[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  const lists = await Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return listFiles(root, path);
      return entry.isFile() && (await isSmall(join(root, path))) ? [packedFile(root, path)] : [];
    }),
  );
  return lists.flat().sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function isSmall(path: string): Promise<boolean> {
  return (await stat(path)).size <= (path.endsWith('.map') ? MAX_MAP_BYTES : MAX_FILE_BYTES);
}

function packedFile(root: string, path: string): PackedFile {
  return { path: path.replace(/^[^/]*\//, ''), read: () => readFile(join(root, path), 'utf8') };
}
