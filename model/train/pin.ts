// Decides which of the packages in the cache may be trained on, and writes the list of them: names not excluded, licences
// permissive. Run it after adding packages to the cache; the list it writes is what every later step goes by.
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseCopyright } from './debian-copyright.js';
import { isExcluded } from './exclusions.js';
import { isPermissive } from './licences.js';
import { formatSources, readPacked, SOURCES_FILE, type Source } from './sources.js';

interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly license?: string | { readonly type?: string };
}

export async function pin(cache: string): Promise<void> {
  const npm = (await readdir(join(cache, 'npm'))).sort();
  const debian = (await readdir(join(cache, 'debian'))).sort();
  const sources: Source[] = [];
  for (const archive of npm.filter((file) => file.endsWith('.tgz'))) {
    const source = await npmSource(join(cache, 'npm', archive));
    if (source !== undefined) sources.push(source);
  }
  for (const archive of debian.filter((file) => /\.debian\.tar\.\w+$/.test(file))) {
    const [, name = '', version = ''] = /^([^_]+)_(.*)\.debian\.tar/.exec(archive) ?? [];
    if (!debian.some((file) => file.startsWith(`${name}_${version.replace(/-[^-]*$/, '')}.orig`))) continue;
    const source = await debianSource(join(cache, 'debian', archive), name, version);
    if (source !== undefined) sources.push(source);
  }
  // Of a package that is there in two versions, the later one of the listing.
  const distinct = new Map(sources.map((source) => [`${source.registry} ${source.name}`, source]));
  await writeFile(SOURCES_FILE, formatSources([...distinct.values()]));
}

async function npmSource(archive: string): Promise<Source | undefined> {
  const { name, version, license } = JSON.parse(await readPacked(archive, '*/package.json')) as PackageJson;
  const licence = typeof license === 'string' ? license : (license?.type ?? '');
  if (licence === '' || isExcluded(name) || !isPermissive(licence)) return undefined;
  return { registry: 'npm', name, version, licence };
}

/** A package with some files under other licences stays: those files are left out when it is mined. */
async function debianSource(archive: string, name: string, version: string): Promise<Source | undefined> {
  if (isExcluded(name)) return undefined;
  const copyright = parseCopyright(await readPacked(archive, 'debian/copyright').catch(() => ''));
  const licences = copyright?.licences.filter(isPermissive) ?? [];
  if (licences.length === 0) return undefined;
  return { registry: 'debian', name, version, licence: licences.slice(0, 6).join(' | ') };
}
