// Files of a tree without git: every directory is read, its ignore files are honoured as git would.
import { type Dirent, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { CodebaseIgnore } from './codebase-ignore.js';
import { breathe, type Collector } from './collect.js';
import { type IgnoreStack, isIgnored, withIgnoreFiles } from './ignore-files.js';
import { isDependencyDirectory, isInstalledPackage, isOutputDirectory } from './path-rules.js';

interface Directory {
  /** Relative, with a trailing slash; '' for the root. */
  readonly path: string;
  readonly stack: IgnoreStack;
}

export async function walkFiles(collector: Collector, excluded: CodebaseIgnore, signal?: AbortSignal): Promise<void> {
  const keepsOutput = isInstalledPackage(collector.root);
  const global = withIgnoreFiles([], homedir(), '', ['.config/git/ignore']);
  const pending: Directory[] = [{ path: '', stack: global }];
  for (let directory = pending.pop(); directory; directory = pending.pop()) {
    await breathe(signal);
    const entries = read(collector, directory.path);
    const names = new Set(entries.map((entry) => entry.name));
    const stack = stackOf(collector.root, directory, names, global);
    for (const entry of entries) {
      const path = directory.path + entry.name;
      if (!entry.isDirectory()) {
        addFile(collector, excluded, stack, path);
      } else if (entry.name !== '.git' && !isIgnored(stack, `${path}/`)) {
        const output = isDependencyDirectory(entry.name) || (!keepsOutput && isOutputDirectory(entry.name, names));
        if (output) collector.skip(`${path}/`, 'dependency');
        else if (excluded.has(`${path}/`)) collector.skip(`${path}/`, 'ignored');
        else pending.push({ path: `${path}/`, stack });
      }
    }
  }
}

/** A nested repository starts afresh: rules of the tree around it do not hold in it. */
function stackOf(root: string, directory: Directory, names: ReadonlySet<string>, global: IgnoreStack): IgnoreStack {
  const isRepository = names.has('.git');
  const files = [...(isRepository ? ['.git/info/exclude'] : []), ...(names.has('.gitignore') ? ['.gitignore'] : [])];
  if (files.length === 0) return directory.stack;
  return withIgnoreFiles(isRepository ? global : directory.stack, root, directory.path, files);
}

function addFile(collector: Collector, excluded: CodebaseIgnore, stack: IgnoreStack, path: string): void {
  // The .git file of a submodule or worktree.
  if (path === '.git' || path.endsWith('/.git') || isIgnored(stack, path)) return;
  const unwanted = excluded.reason(path);
  if (unwanted) collector.skip(path, unwanted);
  else if (path.includes('\uFFFD')) collector.skip(path, 'name');
  else collector.add(path);
}

function read(collector: Collector, path: string): Dirent[] {
  try {
    return readdirSync(join(collector.root, path), { withFileTypes: true });
  } catch (error) {
    collector.skip(path || '.', 'unreadable', (error as NodeJS.ErrnoException).code ?? String(error));
    return [];
  }
}
