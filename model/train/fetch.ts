// Downloads the listed packages, at their listed versions, into the cache: npm's with npm, Debian's with an apt of its own
// folder, so that neither the system's lists nor its packages change.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { archivesOf, readSources, type Source } from './sources.js';

const run = promisify(execFile);
const BATCH = 20;
const SUITES = ['trixie', 'bookworm'];
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

export async function fetchSources(cache: string, log: (line: string) => void): Promise<void> {
  await mkdir(join(cache, 'npm'), { recursive: true });
  await mkdir(join(cache, 'debian'), { recursive: true });
  const missing = await missingSources(cache);
  const npm = missing.filter(({ registry }) => registry === 'npm').map(({ name, version }) => `${name}@${version}`);
  const debian = missing
    .filter(({ registry }) => registry === 'debian')
    .map(({ name, version }) => `${name}=${version}`);
  const pack = ['pack', '--ignore-scripts', '--silent', '--pack-destination', join(cache, 'npm')];
  await inBatches(npm, log, (batch) => run('npm', [...pack, ...batch]));
  if (debian.length > 0) {
    const environment = { ...process.env, APT_CONFIG: await privateApt(join(cache, 'apt')) };
    const options = { cwd: join(cache, 'debian'), env: environment };
    await run('apt-get', ['-qq', 'update'], options);
    const source = ['-qq', 'source', '--download-only', '--only-source'];
    await inBatches(debian, log, (batch) => run('apt-get', [...source, ...batch], options));
  }
  for (const { registry, name, version } of await missingSources(cache))
    log(`not found\t${registry}\t${name}\t${version}`);
}

async function missingSources(cache: string): Promise<Source[]> {
  const sources = await readSources();
  const archives = await Promise.all(sources.map((source) => archivesOf(source, cache)));
  return sources.filter(({ registry }, i) => (archives[i]?.length ?? 0) < (registry === 'npm' ? 1 : 2));
}

/** A batch that fails as a whole is taken apart; packages that are gone are reported at the end. */
async function inBatches(
  names: readonly string[],
  log: (line: string) => void,
  get: (batch: readonly string[]) => Promise<unknown>,
): Promise<void> {
  for (let at = 0; at < names.length; at += BATCH) {
    const batch = names.slice(at, at + BATCH);
    await get(batch).catch(async () => {
      for (const name of batch) await get([name]).catch(() => undefined);
    });
    log(`fetched ${Math.min(names.length, at + BATCH)} of ${names.length}`);
  }
}

/** Path of the configuration of an apt that keeps everything below `root`. */
async function privateApt(root: string): Promise<string> {
  for (const folder of [
    'etc/sources.list.d',
    'etc/preferences.d',
    'etc/apt.conf.d',
    'etc/trusted.gpg.d',
    'state/lists/partial',
    'cache/archives/partial',
  ]) {
    await mkdir(join(root, folder), { recursive: true });
  }
  if (!existsSync(join(root, 'status'))) await writeFile(join(root, 'status'), '');
  const mirror = await debianMirror();
  const lines = SUITES.map((suite) => `deb-src [signed-by=${KEYRING}] ${mirror} ${suite} main\n`);
  await writeFile(join(root, 'etc/sources.list'), lines.join(''));
  const folders = `Dir::State "${root}/state"; Dir::State::status "${root}/status"; Dir::Cache "${root}/cache"; Dir::Etc "${root}/etc";`;
  await writeFile(
    join(root, 'apt.conf'),
    `${folders}\nAPT::Sandbox::User "root"; Acquire::Languages "none"; Acquire::Retries "3";\n`,
  );
  return join(root, 'apt.conf');
}

/** The mirror that this machine's own packages come from. */
async function debianMirror(): Promise<string> {
  const { stdout } = await run('apt-get', ['indextargets', '--format', '$(REPO_URI)', 'Identifier: Packages']);
  const mirror = stdout.split('\n').find((uri) => /\/debian\/?$/.test(uri));
  if (mirror === undefined) throw new Error('the apt sources of this machine name no Debian mirror');
  return mirror;
}
