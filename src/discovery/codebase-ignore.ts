// The project's own ignore files, .codebaseignore, with git's semantics; they also exclude files that git tracks.
import { type IgnoreStack, isIgnored, withIgnoreFiles } from './ignore-files.js';

interface KnownDirectory {
  readonly ignored: boolean;
  readonly stack: IgnoreStack;
}

export class CodebaseIgnore {
  private readonly root: string;
  private readonly known = new Map<string, KnownDirectory>();

  constructor(root: string) {
    this.root = root;
    this.known.set('', { ignored: false, stack: withIgnoreFiles([], root, '', ['.codebaseignore']) });
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
