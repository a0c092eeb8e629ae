// Where the code that a comment or a header introduces ends.
import { indentOf } from './comments.js';
import type { Syntax } from './languages.js';

const CLOSER =
  /^\s*(?:[)}\]]|end\b|else\b|elif\b|elsif\b|rescue\b|catch\b|finally\b|except\b|ensure\b|where\b|fi\b|done\b|esac\b|\{)/;
const PREFIX = /^\s*(?:@\w|#\[|\[\w+.*\]\s*$|export\s*$|template\s*<|static\s*$|[\w:<>*& ]+\s*$)/;

/** Index after the last line of the declaration that starts at `start`, of `most` lines at the most. */
export function declarationEnd(lines: readonly string[], start: number, syntax: Syntax, most: number): number {
  const limit = Math.min(lines.length, start + most);
  const base = indentOf(lines[start] ?? '');
  if (syntax.end === 'blank') return paragraphEnd(lines, start, base, limit);
  let at = start + 1;
  // Decorators, attributes and a return type on a line of its own belong to what follows.
  while (at < limit && PREFIX.test(lines[at - 1] ?? '') && indentOf(lines[at] ?? '') === base) at++;
  for (; at < limit; at++) {
    const line = lines[at] ?? '';
    if (line.trim() === '' || indentOf(line) > base) continue;
    if (indentOf(line) < base || !CLOSER.test(line)) break;
    if (/^\s*(?:[)}\]][)}\];,]*|end|fi|done|esac)[;,]?\s*$/.test(line)) return at + 1;
  }
  return trimEnd(lines, start, at);
}

/** Index after the last line of the paragraph that starts at `start`: up to an empty line or a smaller indentation. */
export function paragraphEnd(lines: readonly string[], start: number, base: number, limit: number): number {
  let at = start;
  while (at < limit && (lines[at] ?? '').trim() !== '' && indentOf(lines[at] ?? '') >= base) at++;
  return Math.max(at, start + 1);
}

/** The nearest line above with a smaller indentation: what encloses this one. */
export function enclosingHeader(lines: readonly string[], start: number): string {
  const base = indentOf(lines[start] ?? '');
  if (base === 0) return '';
  for (let at = start - 1; at >= Math.max(0, start - 300); at--) {
    const line = lines[at] ?? '';
    if (line.trim() !== '' && indentOf(line) < base && !/^\s*(?:[)}\]*]|\/\/|#)/.test(line)) return line.trim();
  }
  return '';
}

function trimEnd(lines: readonly string[], start: number, end: number): number {
  let last = end;
  while (last > start + 1 && (lines[last - 1] ?? '').trim() === '') last--;
  return last;
}
