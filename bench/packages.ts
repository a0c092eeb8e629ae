// Source trees of published packages, enough for a corpus of 10,000 files and 100 MB: fetched once with `npm pack`.
import { execFile } from 'node:child_process';
import { access, mkdir, rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** C++, Kotlin, Java, Objective-C, Swift, Ruby, Python, TypeScript and JavaScript as their authors ship them. */
const PACKAGES = [
  'react-native@0.81.6',
  '@babylonjs/core@9.34.0',
  '@cesium/engine@24.0.0',
  'effect@4.1.0',
  'three@0.187.0',
  'googleapis@140.0.1',
  'ol@10.11.0',
  'node-gyp@12.4.0',
] as const;

/** A directory with one directory for each package; kept in the temporary directory for the next time. */
export async function fetchPackages(): Promise<string> {
  const cache = join(tmpdir(), 'codebase-mcp-bench-packages');
  for (const name of PACKAGES) {
    const directory = join(cache, name.replaceAll(/[@/]/g, '-'));
    if (await exists(directory)) continue;
    const fresh = `${directory}.${process.pid}`;
    await mkdir(fresh, { recursive: true });
    const { stdout } = await execute('npm', [
      'pack',
      name,
      '--silent',
      '--ignore-scripts',
      '--pack-destination',
      fresh,
    ]);
    await execute('tar', ['-xzf', join(fresh, stdout.trim()), '-C', fresh]);
    await rename(fresh, directory);
  }
  return cache;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
