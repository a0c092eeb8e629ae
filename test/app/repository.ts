// A tiny repository on disk, written in a few lines by the test that needs it.
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface TestRepository {
  readonly path: string;
  write(files: Readonly<Record<string, string | Buffer>>): Promise<void>;
  remove(...paths: readonly string[]): Promise<void>;
}

export async function makeRepository(
  files: Readonly<Record<string, string | Buffer>>,
  options: { git: boolean } = { git: true },
): Promise<TestRepository> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'codebase-mcp-repository-')));
  const write: TestRepository['write'] = async (changes) => {
    for (const [name, content] of Object.entries(changes)) {
      await mkdir(dirname(join(path, name)), { recursive: true });
      await writeFile(join(path, name), content);
    }
  };
  await write(files);
  if (options.git) execFileSync('git', ['init', '-q', path]);
  return {
    path,
    write,
    async remove(...paths) {
      await Promise.all(
        (paths.length > 0 ? paths : ['.']).map((name) => rm(join(path, name), { recursive: true, force: true })),
      );
    },
  };
}
