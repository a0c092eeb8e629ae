// What a project itself leaves out, tracked or not: .codebaseignore files and the globs of its configuration, with git's
// semantics. The configuration is to .codebaseignore what info/exclude is to .gitignore: the files win.
import { relative, sep } from 'node:path';
import { nearestConfig } from '../config-file.js';
import { type IgnoreStack, isIgnored, withIgnoreFiles, withRules } from './ignore-files.js';
import type { SkipReason } from './skip.js';

interface KnownDirectory {
  readonly ignored: boolean;
  readonly stack: IgnoreStack;
}

export class CodebaseIgnore {
  private readonly root: string;
  private readonly known = new Map<string, KnownDirectory>();
  /** Only what these match is wanted; empty when everything is. */
  private readonly included: IgnoreStack;

  constructor(root: string) {
    this.root = root;
    const found = nearestConfig(root, ({ include, exclude }) => (include ?? exclude) !== undefined);
    const above = found === null ? '' : pathFrom(found.directory, root);
    const globs = (list: readonly string[] | undefined): IgnoreStack =>
      list === undefined ? [] : withRules([], '', list.join('\n'), above);
    this.included = globs(found?.config.include);
    const stack = withIgnoreFiles(globs(found?.config.exclude), root, '', ['.codebaseignore']);
    this.known.set('', { ignored: false, stack });
  }

  /** Why the project does not want a file; null to keep it. */
  reason(path: string): SkipReason | null {
    if (this.has(path)) return 'ignored';
    return this.included.length > 0 && !isIgnored(this.included, path) ? 'not-included' : null;
  }

  /** Is a path excluded, itself or by one of the directories above it? A directory's path ends with a slash. */
  has(path: string): boolean {
    const parent = this.directory(parentOf(path));
    return parent.ignored || isIgnored(parent.stack, path);
  }

  private directory(path: string): KnownDirectory {
    const known = this.known.get(path);
    if (known) return known;
    const parent = this.directory(parentOf(path));
    const ignored = parent.ignored || isIgnored(parent.stack, path);
    const stack = ignored ? parent.stack : withIgnoreFiles(parent.stack, this.root, path, ['.codebaseignore']);
    const directory = { ignored, stack };
    this.known.set(path, directory);
    return directory;
  }
}

/** `a/b/c` and `a/b/c/` are in `a/b/`. */
function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/', path.length - 2) + 1);
}

/** `sub/` for a directory `sub` in the other one, '' for the same. */
function pathFrom(directory: string, inside: string): string {
  const path = relative(directory, inside).split(sep).join('/');
  return path === '' ? '' : `${path}/`;
}
