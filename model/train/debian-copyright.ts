// Debian's machine-readable debian/copyright (DEP 5): which licence each file of a source package is under.

interface Stanza {
  readonly patterns: readonly RegExp[];
  readonly licence: string;
}

export interface Copyright {
  /** Licence of a file by its path in the package; undefined where no stanza speaks of it. */
  licenceOf(path: string): string | undefined;
  /** Licences of the package's own files, most general first. */
  readonly licences: readonly string[];
}

/** Undefined for a file that is not machine-readable. */
export function parseCopyright(text: string): Copyright | undefined {
  if (!/^Format(?:-Specification)?:/im.test(text.slice(0, 2000))) return undefined;
  const stanzas = text
    .split(/\n\s*\n/)
    .map(parseStanza)
    .filter((stanza) => stanza !== undefined);
  if (stanzas.length === 0) return undefined;
  return {
    licenceOf: (path) => stanzas.findLast(({ patterns }) => patterns.some((pattern) => pattern.test(path)))?.licence,
    licences: [...new Set(stanzas.map(({ licence }) => licence))],
  };
}

function parseStanza(text: string): Stanza | undefined {
  const files = /^Files:([^\n]*(?:\n[ \t][^\n]*)*)/im.exec(text)?.[1];
  const licence = /^Licen[cs]e:\s*([^\n]*)/im.exec(text)?.[1];
  if (files === undefined || licence === undefined) return undefined;
  const patterns = files.trim().split(/[\s,]+/);
  if (patterns.every((pattern) => pattern.startsWith('debian/'))) return undefined;
  return { patterns: patterns.map(asPattern), licence: licence.trim() };
}

/** In DEP 5 `*` matches slashes too. */
function asPattern(glob: string): RegExp {
  const body = glob
    .replace(/^\.\//, '')
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${body}$`);
}
