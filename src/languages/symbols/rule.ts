// What a rule for a symbol is, and the few ways in which nodes carry their names; the tables beside this file use them.
import type { Node } from '../grammars.js';

/** What the nearest enclosing symbol is: it decides what is a method and what is merely local. */
export type Scope = 'file' | 'type' | 'function';

export interface Found {
  readonly kind: string;
  readonly name: string;
  /** Names written before the name itself: the receiver of a method, the class of `Class::method`. */
  readonly qualifiers?: readonly string[];
}

/** Is this node a symbol, and which? Called only for the node types it is listed under. */
export type SymbolRule = (node: Node, scope: Scope) => Found | null;

export interface SymbolRules {
  readonly symbols: Readonly<Record<string, SymbolRule>>;
  /** Nodes that are looked through for the symbol they hold: exports, decorated definitions, declaration lists. */
  readonly wrappers?: readonly string[];
  /** Comments, attributes and decorators: they stay with what follows. */
  readonly comments?: readonly string[];
  /** Nodes whose text is in another language. */
  readonly embedded?: Readonly<Record<string, EmbeddedRule>>;
}

export interface Embedded {
  readonly grammar: string;
  /** The node that holds the text. */
  readonly body: Node;
  /** The text shows how something is used; what it defines is no symbol of the file. */
  readonly examples?: boolean;
}

/** Null where the language of the embedded text is not known. */
export type EmbeddedRule = (node: Node) => Embedded | null;

const MAX_NAME = 100;

/** First line of a text, shortened to a name. */
export function nameText(text: string): string {
  const line =
    text
      .slice(0, 4 * MAX_NAME)
      .trim()
      .split('\n', 1)[0] ?? '';
  return line.length > MAX_NAME ? `${line.slice(0, MAX_NAME - 1)}…` : line.trimEnd();
}

/** A symbol whose name is in a field of the node. */
export function named(kind: string, field = 'name'): SymbolRule {
  return (node) => {
    const name = node.childForFieldName(field);
    return name ? found(kind, name.text) : null;
  };
}

/** A symbol whose name is its first named child of one of these types. */
export function firstChild(kind: string, types: RegExp): SymbolRule {
  return (node) => {
    const name = childOfType(node, types);
    return name ? found(kind, name.text) : null;
  };
}

/** Always this name, for symbols that have none of their own. */
export function fixed(kind: string, name: string): SymbolRule {
  return () => ({ kind, name });
}

/** Only outside functions: constants and variables that others can refer to. */
export function outer(rule: SymbolRule): SymbolRule {
  return (node, scope) => (scope === 'function' ? null : rule(node, scope));
}

/** The first of several rules that finds something. */
export function anyOf(...rules: readonly SymbolRule[]): SymbolRule {
  return (node, scope) => {
    for (const rule of rules) {
      const symbol = rule(node, scope);
      if (symbol) return symbol;
    }
    return null;
  };
}

export function found(kind: string, text: string): Found | null {
  const name = nameText(text);
  return name ? { kind, name } : null;
}

/** `a.b.c` becomes c in a, b. */
export function qualified(kind: string, text: string, separator: RegExp): Found | null {
  const parts = nameText(text).split(separator).filter(Boolean);
  const name = parts.pop();
  return name ? { kind, name, qualifiers: parts } : null;
}

export function childOfType(node: Node, types: RegExp, among = 8): Node | null {
  for (let i = 0; i < Math.min(among, node.namedChildCount); i++) {
    const child = node.namedChild(i);
    if (child && types.test(child.type)) return child;
  }
  return null;
}

/** Text of a string literal without its quotes. */
export function unquoted(text: string): string {
  return text.replace(/^[\s"'`]+|[\s"'`]+$/g, '');
}
