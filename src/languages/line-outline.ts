// An outline for languages without a grammar: a definition reaches from the line where it begins to the next one that is
// indented no deeper.
import type { Lines } from './lines.js';
import type { CodeSymbol, Outline, OutlineNode } from './outline.js';
import type { LinePattern } from './symbols/patterns.js';
import { nameText } from './symbols/rule.js';

/** Patterns see only this much of a line. */
const LINE_HEAD = 300;

const COMMENT = /^\s*(#|\/\/|--|;|%|\(\*|\/\*|\*|"|'|REM\b)/;

/** A definition, or the comment above one. */
interface Begin {
  readonly line: number;
  readonly commentLine: number;
  readonly indent: number;
  readonly kind: string;
  readonly name: string;
}

/** null when no definition is found. */
export function lineOutline(lines: Lines, patterns: readonly LinePattern[]): Outline | null {
  const begins = findBegins(lines, patterns);
  if (begins.length === 0) return null;
  const symbols: CodeSymbol[] = [];
  const nodes = nest(lines, begins, 0, begins.length, lines.count - 1, [], symbols);
  return { nodes, symbols, errors: 0 };
}

function findBegins(lines: Lines, patterns: readonly LinePattern[]): Begin[] {
  const begins: Begin[] = [];
  let commentLine = -1;
  for (let line = 0; line < lines.count; line++) {
    const text = lines.text
      .slice(lines.start(line), Math.min(lines.start(line + 1), lines.start(line) + LINE_HEAD))
      .trimEnd();
    const begin = beginOf(text, patterns);
    if (begin)
      begins.push({
        ...begin,
        line,
        commentLine: commentLine < 0 ? line : commentLine,
        indent: text.length - text.trimStart().length,
      });
    if (begin || !COMMENT.test(text)) commentLine = -1;
    else if (commentLine < 0) commentLine = line;
  }
  return begins;
}

function beginOf(
  text: string,
  patterns: readonly LinePattern[],
): { readonly kind: string; readonly name: string } | null {
  for (const pattern of patterns) {
    const groups = pattern.line.exec(text)?.groups;
    const name = nameText(groups?.['name'] ?? '');
    if (name) return { kind: groups?.['kind']?.toLowerCase() ?? pattern.kind, name };
  }
  return null;
}

/** Nodes of the definitions from `start` to before `end`, the last of which reaches to `lastLine`. */
function nest(
  lines: Lines,
  begins: readonly Begin[],
  start: number,
  end: number,
  lastLine: number,
  parents: readonly string[],
  symbols: CodeSymbol[],
): OutlineNode[] {
  const nodes: OutlineNode[] = [];
  for (let i = start; i < end; ) {
    const begin = begins[i];
    if (!begin) break;
    let next = i + 1;
    while (next < end && (begins[next]?.indent ?? 0) > begin.indent) next++;
    const last = next < end ? (begins[next]?.commentLine ?? lastLine + 1) - 1 : lastLine;
    const length = lines.start(last + 1) - lines.start(begin.line);
    const symbol: CodeSymbol = { kind: begin.kind, name: begin.name, parents, firstLine: begin.line, length };
    symbols.push(symbol);
    const children = nest(lines, begins, i + 1, next, last, [...parents, begin.name], symbols);
    if (begin.commentLine < begin.line) nodes.push(comment(begin));
    nodes.push({ firstLine: begin.line, lastLine: last, symbol, leads: false, wraps: false, children });
    i = next;
  }
  return nodes;
}

function comment(begin: Begin): OutlineNode {
  return {
    firstLine: begin.commentLine,
    lastLine: begin.line - 1,
    symbol: null,
    leads: true,
    wraps: false,
    children: [],
  };
}
