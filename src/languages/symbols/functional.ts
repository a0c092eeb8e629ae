// Symbols of Haskell, Elm, Elixir, Clojure, Gleam, Agda and Nix.
import type { Node } from '../grammars.js';
import { childOfType, firstChild, found, named, outer, type SymbolRule, type SymbolRules } from './rule.js';

export const HASKELL: SymbolRules = {
  symbols: {
    function: outer(named('function')),
    bind: outer(named('function')),
    signature: outer(named('function')),
    data_type: named('type'),
    newtype: named('type'),
    type_synomym: named('type'),
    type_family: named('type'),
    class: named('class'),
    instance: named('instance'),
    pattern_synonym: firstChild('function', /name|constructor/),
  },
  wrappers: ['declarations', 'class_declarations', 'instance_declarations'],
  comments: ['comment', 'haddock', 'pragma'],
};

export const ELM: SymbolRules = {
  symbols: {
    value_declaration: outer((node) =>
      found('function', childOfType(node, /^function_declaration_left$/)?.namedChild(0)?.text ?? ''),
    ),
    type_annotation: outer(named('function')),
    type_declaration: named('type'),
    type_alias_declaration: named('type'),
    port_annotation: named('port'),
  },
  comments: ['line_comment', 'block_comment'],
};

const ELIXIR_CALLS: Readonly<Record<string, string>> = {
  defmodule: 'module',
  defprotocol: 'protocol',
  defimpl: 'impl',
  def: 'function',
  defp: 'function',
  defdelegate: 'function',
  defguard: 'function',
  defguardp: 'function',
  defmacro: 'macro',
  defmacrop: 'macro',
  test: 'test',
  describe: 'test',
};

/** Everything in Elixir is a call; the first word of a definition says what it defines. */
const elixirCall: SymbolRule = (node) => {
  const target = node.childForFieldName('target')?.text ?? '';
  const kind = Object.hasOwn(ELIXIR_CALLS, target) ? ELIXIR_CALLS[target] : undefined;
  if (!kind) return null;
  const argument = childOfType(node, /^arguments$/)?.namedChild(0)?.text ?? '';
  if (kind === 'test') return found(kind, argument.replace(/"/g, ''));
  return found(kind, /^[^\s(,]+/.exec(argument)?.[0] ?? '');
};

export const ELIXIR: SymbolRules = {
  symbols: { call: elixirCall },
  // @doc, @spec and other attributes stay with the definition that follows.
  comments: ['comment', 'unary_operator'],
};

const LISP_KINDS: Readonly<Record<string, string>> = {
  ns: 'module',
  def: 'constant',
  defonce: 'constant',
  defn: 'function',
  'defn-': 'function',
  defmacro: 'macro',
  defmulti: 'function',
  defmethod: 'method',
  defprotocol: 'protocol',
  defrecord: 'record',
  deftype: 'type',
  definterface: 'interface',
  deftest: 'test',
};

const lispForm: SymbolRule = (node) => {
  const head = node.namedChild(0)?.text.replace(/^.*\//, '') ?? '';
  const kind = Object.hasOwn(LISP_KINDS, head) ? LISP_KINDS[head] : undefined;
  const name = kind && node.namedChild(1);
  return name ? found(kind, (name.childForFieldName('name') ?? name).text) : null;
};

export const CLOJURE: SymbolRules = { symbols: { list_lit: lispForm }, comments: ['comment', 'dis_expr'] };

export const GLEAM: SymbolRules = {
  symbols: {
    function: named('function'),
    external_function: named('function'),
    type_definition: firstChild('type', /^type_name$/),
    type_alias: firstChild('type', /^type_name$/),
    constant: named('constant'),
  },
  comments: ['comment', 'statement_comment', 'module_comment', 'attribute'],
};

export const AGDA: SymbolRules = {
  symbols: {
    function: (node, scope) => (scope === 'function' ? null : agdaFunction(node)),
    data: firstChild('type', /^data_name$/),
    record: firstChild('record', /^record_name$/),
    module: firstChild('module', /^module_name$/),
  },
  comments: ['comment', 'pragma'],
};

function agdaFunction(node: Node) {
  const name = childOfType(node, /^lhs$/);
  return name ? found('function', /^\S+/.exec(name.text)?.[0] ?? '') : null;
}

/** Attributes that hold a function or a set; plain settings are not symbols. */
export const NIX: SymbolRules = {
  symbols: {
    binding: (node) => {
      const value = node.childForFieldName('expression')?.type ?? '';
      return /function|attrset|apply/.test(value)
        ? found('binding', node.childForFieldName('attrpath')?.text ?? '')
        : null;
    },
  },
  wrappers: ['binding_set'],
  comments: ['comment'],
};
