// Path globs as a person writes them → regular expressions that PostgreSQL applies to stored paths. Pure.

const TOKENS: readonly (readonly [RegExp, (token: string) => string])[] = [
  [/^\*\*\//, () => '(.*/)?'],
  [/^\*\*/, () => '.*'],
  [/^\*/, () => '[^/]*'],
  [/^\?/, () => '[^/]'],
  [/^\{[^{}]*\}/, (group) => `(${group.slice(1, -1).split(',').map(translate).join('|')})`],
  [/^\[!?[^\]/\\]+\]/, (set) => set.replace(/^\[!/, '[^')],
  [/^[\s\S]/, (character) => character.replace(/[\\^$.|?*+()[\]{}]/, '\\$&')],
];

export interface PathFilter {
  /** A path must match one of these; none means that all do. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/**
 * `*` and `?` stay within a directory, `**` crosses them, `{a,b}` and `[abc]` choose. A glob without a slash matches a name at
 * any depth, one that names a directory everything below it, and a leading `!` excludes.
 */
export function pathFilter(globs: readonly string[]): PathFilter {
  const patterns = globs.map((glob) => glob.trim()).filter((glob) => glob !== '' && glob !== '!');
  return {
    include: patterns.filter((glob) => !glob.startsWith('!')).map(globToRegex),
    exclude: patterns.filter((glob) => glob.startsWith('!')).map((glob) => globToRegex(glob.slice(1))),
  };
}

/** A regular expression that PostgreSQL and JavaScript read alike. */
export function globToRegex(glob: string): string {
  const path = glob.replace(/^\.?\//, '').replace(/\/$/, '');
  const anchored = path.includes('/') || glob.startsWith('/') ? '^' : '^(.*/)?';
  return `${anchored}${translate(path)}(/.*)?$`;
}

function translate(glob: string): string {
  let rest = glob;
  let regex = '';
  while (rest !== '') {
    for (const [pattern, write] of TOKENS) {
      const token = pattern.exec(rest)?.[0];
      if (token === undefined) continue;
      regex += write(token);
      rest = rest.slice(token.length);
      break;
    }
  }
  return regex;
}
