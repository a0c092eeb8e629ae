// Ignore files with git's semantics: each directory's own, nested, the deeper and the later rule wins.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ignore, { type Ignore } from 'ignore';

/** Rules that hold below a directory. */
interface Layer {
  /** What is put before a path: where the root is below the directory that the rules are written for. */
  readonly above: string;
  /** Length of the directory's relative path with its slash: what is cut off before matching. */
  readonly offset: number;
  readonly rules: Ignore;
}

const NOT_ASCII = /[^\0-\x7f]/;

/** Git ignores case where it finds that the file system does. */
const OPTIONS = { allowRelativePaths: true, ignorecase: process.platform === 'win32' || process.platform === 'darwin' };

/** The rules in force in a directory, outermost first. */
export type IgnoreStack = readonly Layer[];

/** Add the rules of a directory's ignore files, as far as they exist. `directory` is relative, with a trailing slash or ''. */
export function withIgnoreFiles(
  stack: IgnoreStack,
  root: string,
  directory: string,
  names: readonly string[],
): IgnoreStack {
  const texts = names.map((name) => readIfThere(join(root, directory, name))).filter((text) => text !== null);
  return texts.length ? withRules(stack, directory, texts.join('\n')) : stack;
}

export function withRules(stack: IgnoreStack, directory: string, text: string, above = ''): IgnoreStack {
  return [...stack, { above, offset: directory.length, rules: ignore(OPTIONS).add(asBytes(text)) }];
}

/** Does the stack exclude this path (a directory's ends with a slash), its parents aside? */
export function isIgnored(stack: IgnoreStack, path: string): boolean {
  for (let i = stack.length - 1; i >= 0; i--) {
    const layer = stack[i];
    const verdict = layer?.rules.test(asBytes(layer.above + path.slice(layer.offset)));
    if (verdict?.ignored) return true;
    if (verdict?.unignored) return false;
  }
  return false;
}

/** One character for each byte: to git, `?` and `[…]` stand for a byte. */
function asBytes(text: string): string {
  return NOT_ASCII.test(text) ? Buffer.from(text).toString('latin1') : text;
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
