// The committed list of packages that the model is trained on, and where their archives lie in the cache folder.
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** From the repository's root, where the steps are run. */
export const SOURCES_FILE = 'model/sources.tsv';

export interface Source {
  readonly registry: 'npm' | 'debian';
  readonly name: string;
  readonly version: string;
  /** As the package states it; several joined with ` | ` where parts differ. */
  readonly licence: string;
}

export async function readSources(): Promise<Source[]> {
  const lines = (await readFile(SOURCES_FILE, 'utf8')).trimEnd().split('\n').slice(1);
  return lines.map((line) => {
    const [registry, name = '', version = '', licence = ''] = line.split('\t');
    return { registry: registry === 'npm' ? 'npm' : 'debian', name, version, licence };
  });
}

export function formatSources(sources: readonly Source[]): string {
  const rows = sources.map(({ registry, name, version, licence }) => `${registry}\t${name}\t${version}\t${licence}\n`);
  return `registry\tname\tversion\tlicence\n${rows.sort().join('')}`;
}

/** Archives of a package in the cache, the one with the sources first; none where it was not fetched. */
export async function archivesOf({ registry, name, version }: Source, cache: string): Promise<readonly string[]> {
  const folder = join(cache, registry);
  if (registry === 'npm') return existing(folder, [`${name.replace('@', '').replace('/', '-')}-${version}.tgz`]);
  const upstream = version.replace(/^\d+:/, '');
  const original = upstream.replace(/-[^-]*$/, '');
  const files = (await readdir(folder)).filter(
    (file) => file.startsWith(`${name}_`) && /\.tar\.(?:gz|xz|bz2)$/.test(file),
  );
  const originals = files.filter((file) => file.startsWith(`${name}_${original}.orig`));
  return existing(folder, [...originals, ...files.filter((file) => file.startsWith(`${name}_${upstream}.debian.tar`))]);
}

async function existing(folder: string, names: readonly string[]): Promise<string[]> {
  const present = new Set(await readdir(folder));
  return names.filter((name) => present.has(name)).map((name) => join(folder, name));
}

/** One file of an archive as text. */
export async function readPacked(archive: string, pattern: string): Promise<string> {
  const { stdout } = await run('tar', ['-xOf', archive, '--wildcards', '--no-wildcards-match-slash', pattern], {
    maxBuffer: 1 << 26,
  });
  return stdout;
}
