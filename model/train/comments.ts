// Finds the comments that stand on lines of their own, and documentation strings.
import type { Syntax } from './languages.js';

export interface Comment {
  /** First and last line of the comment, from 0. */
  readonly start: number;
  readonly end: number;
  /** Text without marks, line breaks kept. */
  readonly text: string;
  readonly indent: number;
  /** Line that the comment describes, where that is not the one after it (documentation strings). */
  readonly owner?: number;
}

export function indentOf(line: string): number {
  let width = 0;
  for (const character of line) {
    if (character === ' ') width++;
    else if (character === '\t') width += 4;
    else break;
  }
  return width;
}

export function findComments(lines: readonly string[], syntax: Syntax): Comment[] {
  const found: Comment[] = [];
  for (let at = 0; at < lines.length; at++) {
    const comment = commentAt(lines, at, syntax);
    if (comment === undefined) continue;
    found.push(comment);
    at = comment.end;
  }
  return found;
}

function commentAt(lines: readonly string[], at: number, syntax: Syntax): Comment | undefined {
  const trimmed = (lines[at] ?? '').trimStart();
  const block = syntax.block.find(([open]) => trimmed.startsWith(open));
  if (block !== undefined) return blockComment(lines, at, block);
  if (syntax.name === 'python' && /^[rRuUbB]?("""|''')/.test(trimmed)) return docString(lines, at);
  if (syntax.line !== undefined && trimmed.startsWith(syntax.line)) return lineComments(lines, at, syntax.line);
  return undefined;
}

function blockComment(
  lines: readonly string[],
  start: number,
  [open, close]: readonly [string, string],
): Comment | undefined {
  const first = lines[start] ?? '';
  const after = first.indexOf(open) + open.length;
  let end = start;
  let closed = first.indexOf(close, after);
  while (closed < 0 && ++end < lines.length) closed = (lines[end] ?? '').indexOf(close);
  if (closed < 0) return undefined;
  // Code after the comment on its last line: not a comment of its own.
  if ((lines[end] ?? '').slice(closed + close.length).trim() !== '') return undefined;
  const inside = lines.slice(start, end + 1).map((line, i) => {
    const from = i === 0 ? after : 0;
    return line.slice(from, i === end - start ? closed : undefined).replace(/^\s*[*|!#-]+(?=\s|$)/, '');
  });
  return { start, end, text: inside.join('\n'), indent: indentOf(first) };
}

function lineComments(lines: readonly string[], start: number, mark: string): Comment {
  const indent = indentOf(lines[start] ?? '');
  let end = start;
  while (end + 1 < lines.length && (lines[end + 1] ?? '').trimStart().startsWith(mark)) end++;
  const text = lines.slice(start, end + 1).map((line) => line.trimStart().replace(/^[/#%-]+[!|^*]?/, ''));
  return { start, end, text: text.join('\n'), indent };
}

/** A Python string that stands alone describes what the line above it opens, or the file. */
function docString(lines: readonly string[], start: number): Comment | undefined {
  const first = lines[start] ?? '';
  const mark = /"""|'''/.exec(first);
  if (mark === null) return undefined;
  const after = mark.index + 3;
  let end = start;
  let closed = first.indexOf(mark[0], after);
  while (closed < 0 && ++end < lines.length) closed = (lines[end] ?? '').indexOf(mark[0]);
  if (closed < 0) return undefined;
  const text = lines
    .slice(start, end + 1)
    .map((line, i) => line.slice(i === 0 ? after : 0, i === end - start ? closed : undefined));
  const comment = { start, end, text: text.join('\n'), indent: indentOf(first) };
  const owner = headerAbove(lines, start);
  return owner === undefined ? comment : { ...comment, owner };
}

/** The `def` or `class` line whose body starts at `start`, over several lines at most. */
function headerAbove(lines: readonly string[], start: number): number | undefined {
  const inner = indentOf(lines[start] ?? '');
  if (!/:\s*(?:#.*)?$/.test(lines[start - 1] ?? '')) return undefined;
  for (let at = start - 1; at >= Math.max(0, start - 12); at--) {
    const line = lines[at] ?? '';
    if (indentOf(line) < inner && /^\s*(?:async\s+def|def|class|cdef|cpdef)\b/.test(line)) return at;
  }
  return undefined;
}
