// Syntax tree → the part of it that chunks are cut at: nodes of several lines and their children, with the symbols found.
import { ERROR_TYPE, type Grammar, type Grammars, type TreeCursor } from './grammars.js';
import type { Lines } from './lines.js';
import type { EmbeddedRule, Found, Scope, SymbolRule, SymbolRules } from './symbols/rule.js';
import { SYMBOL_RULES } from './symbols/table.js';

export interface CodeSymbol {
  readonly kind: string;
  readonly name: string;
  /** Names of the enclosing symbols, outermost first. */
  readonly parents: readonly string[];
  readonly firstLine: number;
  /** Characters. */
  readonly length: number;
}

export interface OutlineNode {
  readonly firstLine: number;
  readonly lastLine: number;
  readonly symbol: CodeSymbol | null;
  /** A comment, attribute or decorator: belongs to what follows. */
  readonly leads: boolean;
  /** Looked through for the symbol it holds. */
  readonly wraps: boolean;
  readonly children: readonly OutlineNode[];
}

export interface Outline {
  readonly nodes: readonly OutlineNode[];
  /** All symbols in the order of the file. */
  readonly symbols: readonly CodeSymbol[];
  /** Share of the text that the grammar could not parse, 0 to 1. */
  readonly errors: number;
}

/** Deeper nesting than this is kept whole: recursion over hostile input must end. */
const MAX_DEPTH = 300;

/** How symbols count as surroundings: what is in a type is a method, what is in a function is local. */
const SCOPES: Readonly<Record<string, Scope>> = Object.fromEntries([
  ...[
    'class',
    'interface',
    'struct',
    'union',
    'enum',
    'trait',
    'impl',
    'object',
    'record',
    'annotation',
    'protocol',
  ].map((kind) => [kind, 'type']),
  ...['extension', 'mixin', 'contract', 'library', 'actor', 'instance', 'type', 'constant', 'variable'].map((kind) => [
    kind,
    'type',
  ]),
  ...['module', 'namespace', 'package', 'section', 'element', 'block', 'key', 'rule', 'binding'].map((kind) => [
    kind,
    'file',
  ]),
]);

/** A grammar's rules by node type id, so that the walk compares numbers. */
interface CompiledRules {
  readonly grammar: Grammar;
  readonly named: Uint8Array;
  readonly leads: Uint8Array;
  readonly wraps: Uint8Array;
  readonly symbols: readonly (SymbolRule | undefined)[];
  readonly embedded: readonly (EmbeddedRule | undefined)[];
}

export class Outliner {
  private readonly compiled = new Map<string, CompiledRules | null>();
  private readonly grammars: Grammars;

  constructor(grammars: Grammars) {
    this.grammars = grammars;
  }

  outline(grammar: string, lines: Lines): Outline | 'no-grammar' | 'parse-failed' | 'parse-limit' {
    const rules = this.rules(grammar);
    if (!rules) return 'no-grammar';
    const walk = new Walk(this, lines, rules);
    const nodes = rules.grammar.parse(lines.text, (cursor) => walk.children(cursor, 0, null));
    if (typeof nodes === 'string') return nodes;
    return { nodes, symbols: walk.symbols, errors: walk.errors / lines.text.length };
  }

  rules(grammar: string): CompiledRules | null {
    let rules = this.compiled.get(grammar);
    if (rules === undefined) {
      const loaded = this.grammars.get(grammar);
      rules = loaded && compile(loaded, SYMBOL_RULES[grammar] ?? { symbols: {} });
      this.compiled.set(grammar, rules);
    }
    return rules;
  }
}

function compile(grammar: Grammar, rules: SymbolRules): CompiledRules {
  const named = new Uint8Array(grammar.typeCount);
  const leads = new Uint8Array(grammar.typeCount);
  const wraps = new Uint8Array(grammar.typeCount);
  const symbols: (SymbolRule | undefined)[] = [];
  const embedded: (EmbeddedRule | undefined)[] = [];
  for (let id = 0; id < grammar.typeCount; id++) {
    const type = grammar.typeName(id);
    if (type === null) continue;
    named[id] = 1;
    leads[id] = rules.comments?.includes(type) ? 1 : 0;
    wraps[id] = rules.wrappers?.includes(type) ? 1 : 0;
    symbols[id] = Object.hasOwn(rules.symbols, type) ? rules.symbols[type] : undefined;
    embedded[id] = rules.embedded?.[type];
  }
  return { grammar, named, leads, wraps, symbols, embedded };
}

/** One pass over the tree of one file. */
class Walk {
  readonly symbols: CodeSymbol[] = [];
  /** Characters in parts that the grammar could not parse. */
  errors = 0;
  private errorEnd = 0;
  private readonly outliner: Outliner;
  private readonly lines: Lines;
  private rules: CompiledRules;
  /** Where the parsed text starts in the file: not 0 for a script inside a page. */
  private base = 0;
  /** In examples nothing is a symbol. */
  private examples = false;

  constructor(outliner: Outliner, lines: Lines, rules: CompiledRules) {
    this.outliner = outliner;
    this.lines = lines;
    this.rules = rules;
  }

  children(cursor: TreeCursor, depth: number, parent: CodeSymbol | null): OutlineNode[] {
    const nodes: OutlineNode[] = [];
    if (!cursor.gotoFirstChild()) return nodes;
    do {
      const node = this.node(cursor, depth, parent);
      if (node) nodes.push(node);
    } while (cursor.gotoNextSibling());
    cursor.gotoParent();
    return nodes;
  }

  private node(cursor: TreeCursor, depth: number, parent: CodeSymbol | null): OutlineNode | null {
    const id = cursor.nodeTypeId;
    const isError = id === ERROR_TYPE;
    if (!isError && !this.rules.named[id]) return null;
    const start = cursor.startIndex + this.base;
    const end = cursor.endIndex + this.base;
    const firstLine = this.lines.at(start);
    const lastLine = this.lines.at(end > start ? end - 1 : start);
    if (isError && end > this.errorEnd) {
      this.errors += end - Math.max(start, this.errorEnd);
      this.errorEnd = end;
    }
    const symbol = this.symbol(cursor, id, parent, firstLine, end - start);
    // What could be parsed inside a broken part is used.
    const wraps = isError || this.rules.wraps[id] === 1;
    const several = lastLine > firstLine;
    const opened = (several || (wraps && scopeOf(parent) !== 'function')) && depth < MAX_DEPTH;
    const children = opened ? this.inside(cursor, id, depth + 1, symbol ?? parent) : [];
    return { firstLine, lastLine, symbol, leads: this.rules.leads[id] === 1, wraps, children };
  }

  private symbol(
    cursor: TreeCursor,
    id: number,
    parent: CodeSymbol | null,
    firstLine: number,
    length: number,
  ): CodeSymbol | null {
    const rule = this.examples ? undefined : this.rules.symbols[id];
    const scope = scopeOf(parent);
    const found = rule?.(cursor.currentNode, scope);
    if (!found) return null;
    const symbol: CodeSymbol = {
      kind: kindIn(found, scope, parent),
      name: found.name,
      parents: parentsOf(found, parent),
      firstLine,
      length,
    };
    this.symbols.push(symbol);
    return symbol;
  }

  private inside(cursor: TreeCursor, id: number, depth: number, parent: CodeSymbol | null): readonly OutlineNode[] {
    const embedded = this.rules.embedded[id]?.(cursor.currentNode);
    const rules = embedded && this.outliner.rules(embedded.grammar);
    if (!rules) return this.children(cursor, depth, parent);
    const outer = { rules: this.rules, base: this.base, examples: this.examples };
    this.base += embedded.body.startIndex;
    this.rules = rules;
    this.examples ||= embedded.examples ?? false;
    const nodes = rules.grammar.parse(embedded.body.text, (inner) => this.children(inner, depth, parent));
    this.rules = outer.rules;
    this.base = outer.base;
    this.examples = outer.examples;
    return typeof nodes === 'string' ? [] : nodes;
  }
}

function scopeOf(symbol: CodeSymbol | null): Scope {
  return symbol ? (SCOPES[symbol.kind] ?? 'function') : 'file';
}

function kindIn(found: Found, scope: Scope, parent: CodeSymbol | null): string {
  const inType = scope === 'type' && parent?.kind !== 'constant' && parent?.kind !== 'variable';
  return found.kind === 'function' && inType ? 'method' : found.kind;
}

function parentsOf(found: Found, parent: CodeSymbol | null): readonly string[] {
  const enclosing = parent ? [...parent.parents, parent.name] : [];
  return found.qualifiers?.length ? [...enclosing, ...found.qualifiers] : enclosing;
}
