// Outline → units: the smallest pieces that are never separated further, each a range of lines with the symbol it is.
import { type LineRange, type Lines, lineWindows, MAX_LINES, MAX_WEIGHT, TARGET_WEIGHT } from './lines.js';
import type { CodeSymbol, OutlineNode } from './outline.js';

export interface Unit extends LineRange {
  readonly weight: number;
  /** The symbol that the unit is, or that it begins. */
  readonly symbol: CodeSymbol | null;
  /** The symbol around it. */
  readonly enclosing: CodeSymbol | null;
  /** First unit of a symbol that was split: stays with what follows rather than with what precedes. */
  readonly opens: boolean;
}

/** Neighbouring nodes that share lines, with the comments and attributes before them; or a long comment, without nodes. */
interface Group extends LineRange {
  readonly nodes: readonly OutlineNode[];
  /** The largest symbol among the nodes, or that the comment is about. */
  readonly symbol: CodeSymbol | null;
}

/** Blank lines that may stand between a comment and what it describes. */
const COMMENT_REACH = 2;

export function splitUnits(lines: Lines, nodes: readonly OutlineNode[]): Unit[] {
  const splitter = new Splitter(lines);
  splitter.region(nodes, { first: 0, last: lines.count - 1 }, null, false);
  return splitter.units;
}

class Splitter {
  readonly units: Unit[] = [];
  private readonly lines: Lines;

  constructor(lines: Lines) {
    this.lines = lines;
  }

  /** Cover a range of lines; lines between the groups become units of their own. */
  region(nodes: readonly OutlineNode[], range: LineRange, enclosing: CodeSymbol | null, opens: boolean): void {
    let next = range.first;
    for (const group of groups(this.lines, nodes, range)) {
      const opening = opens && next === range.first;
      // What precedes the first group belongs to it, but for the head of a symbol that is split: a signature, its comment.
      const first = next === range.first && !opens ? next : group.first;
      if (first > next) this.unit({ first: next, last: first - 1 }, null, enclosing, opening);
      this.group({ ...group, first }, enclosing, opening && first === next);
      next = group.last + 1;
    }
    if (next <= range.last)
      this.unit({ first: next, last: range.last }, null, enclosing, opens && next === range.first);
  }

  private group(group: Group, enclosing: CodeSymbol | null, opens: boolean): void {
    const children = group.nodes.flatMap((node) => node.children);
    if (this.fits(group) || children.length === 0) {
      this.unit(group, group.symbol, enclosing, opens);
      return;
    }
    const own = group.nodes.find((node) => node.symbol !== null)?.symbol ?? null;
    this.region(children, group, own ?? enclosing, own !== null || opens);
  }

  private unit(range: LineRange, symbol: CodeSymbol | null, enclosing: CodeSymbol | null, opens: boolean): void {
    const windows = this.tooLarge(range) ? lineWindows(this.lines, range) : [range];
    for (const { first, last } of windows) {
      const begins = opens && first === range.first;
      this.units.push({
        first,
        last,
        weight: this.lines.weight(first, last),
        symbol: begins ? enclosing : symbol,
        enclosing,
        opens: begins,
      });
    }
  }

  private fits(range: LineRange): boolean {
    return (
      range.first === range.last ||
      (this.lines.weight(range.first, range.last) <= TARGET_WEIGHT && range.last - range.first < MAX_LINES)
    );
  }

  private tooLarge(range: LineRange): boolean {
    return this.lines.weight(range.first, range.last) > MAX_WEIGHT || range.last - range.first >= MAX_LINES;
  }
}

function* groups(lines: Lines, nodes: readonly OutlineNode[], range: LineRange): Generator<Group> {
  let next = range.first;
  let lead = -1;
  let leadEnd = -1;
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i];
    if (!node || node.lastLine < next) continue;
    const start = Math.max(node.firstLine, next);
    if (lead >= 0 && start - leadEnd > COMMENT_REACH) lead = -1;
    if (node.leads) {
      if (lead < 0) lead = start;
      leadEnd = node.lastLine;
      continue;
    }
    let last = node.lastLine;
    const members = [node];
    for (let other = nodes[i + 1]; other && other.firstLine <= last && !other.leads; other = nodes[++i + 1]) {
      members.push(other);
      last = Math.max(last, other.lastLine);
    }
    const symbol = largest(members.flatMap(symbolsOf));
    const stays = lead >= 0 && staysWith(lines, lead, leadEnd, last);
    if (lead >= 0 && !stays) yield { first: lead, last: start - 1, nodes: [], symbol };
    yield { first: stays ? lead : start, last: Math.min(last, range.last), nodes: members, symbol };
    next = last + 1;
    lead = -1;
  }
}

/** A comment so long that it would be most of a chunk by itself is left alone. */
function staysWith(lines: Lines, comment: number, commentEnd: number, last: number): boolean {
  return lines.weight(comment, last) <= TARGET_WEIGHT || lines.weight(comment, commentEnd) <= TARGET_WEIGHT / 2;
}

/** The symbols that a node is: its own, or those inside an export, a decorated definition, a namespace. */
function symbolsOf(node: OutlineNode): readonly CodeSymbol[] {
  const isNamespace = node.symbol?.kind === 'namespace';
  const inside =
    node.wraps || isNamespace
      ? node.children.flatMap((child) => (isNamespace ? namespaceMembers(child) : symbolsOf(child)))
      : [];
  if (node.symbol === null) return inside;
  return isNamespace && inside.length > 0 ? inside : [node.symbol];
}

/** The body of a namespace is a node of its own. */
function namespaceMembers(node: OutlineNode): readonly CodeSymbol[] {
  const own = symbolsOf(node);
  return own.length > 0 ? own : node.children.flatMap(symbolsOf);
}

function largest(symbols: readonly CodeSymbol[]): CodeSymbol | null {
  let best: CodeSymbol | null = null;
  for (const symbol of symbols) if (!best || symbol.length > best.length) best = symbol;
  return best;
}
