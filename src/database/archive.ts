// A directory as one compressed value and back: how the ready database template travels in the package.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';

/** `size` null is a directory. */
interface Entry {
  readonly path: string;
  readonly size: number | null;
}

/** All files and directories under `root`, whatever their names; the layout is [header length][header JSON][contents], gzipped. */
export async function pack(root: string): Promise<Buffer> {
  const found = await readdir(root, { recursive: true, withFileTypes: true });
  const entries: Entry[] = [];
  const contents: Buffer[] = [];
  for (const item of found.sort((a, b) => (join(a.parentPath, a.name) < join(b.parentPath, b.name) ? -1 : 1))) {
    const file = join(item.parentPath, item.name);
    const path = file.slice(root.length + 1).replaceAll('\\', '/');
    const bytes = item.isDirectory() ? null : await readFile(file);
    entries.push({ path, size: bytes?.length ?? null });
    if (bytes) contents.push(bytes);
  }
  const header = Buffer.from(JSON.stringify(entries));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(header.length);
  return await promisify(gzip)(Buffer.concat([length, header, ...contents]), { level: 9 });
}

/** Writes what `pack` made into `root`, which is created; directories 0700, files 0600. */
export async function unpack(archive: Buffer, root: string): Promise<void> {
  const bytes = await promisify(gunzip)(archive);
  const start = 4 + bytes.readUInt32BE(0);
  const entries = JSON.parse(bytes.toString('utf8', 4, start)) as Entry[];
  await mkdir(root, { recursive: true, mode: 0o700 });
  for (const { path, size } of entries) if (size === null) await mkdir(join(root, path), { mode: 0o700 });
  let offset = start;
  for (const { path, size } of entries) {
    if (size === null) continue;
    await writeFile(join(root, path), bytes.subarray(offset, offset + size), { mode: 0o600 });
    offset += size;
  }
}
