// Symbols of Haskell, OCaml, Elm, Elixir, Clojure, Gleam, Agda and Nix.
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

/** `let f x = …` is a function, `let limit = 5` a constant; `let (a, b) = …` has no name of its own. */
const letBinding: SymbolRule = (node) => {
  const pattern = node.childForFieldName('pattern');
  if (!pattern || !/^(value_name|parenthesized_operator)$/.test(pattern.type)) return null;
  const isFunction =
    pattern.nextNamedSibling?.type === 'parameter' || /fun/.test(node.childForFieldName('body')?.type ?? '');
  return found(isFunction ? 'function' : 'constant', pattern.text);
};

const mlValue = firstChild('function', /^(value_name|parenthesized_operator)$/);

export const OCAML: SymbolRules = {
  symbols: {
    let_binding: outer(letBinding),
    external: mlValue,
    value_specification: mlValue,
    type_binding: named('type'),
    exception_definition: (node) => found('type', /\b[A-Z]\w*/.exec(node.text.slice(0, 200))?.[0] ?? ''),
    module_binding: firstChild('module', /^module_name$/),
    module_type_definition: firstChild('module', /^module_type_name$/),
    class_binding: firstChild('class', /^class_name$/),
    class_type_binding: firstChild('class', /^class_type_name$/),
    method_definition: firstChild('method', /^method_name$/),
    method_specification: firstChild('method', /^method_name$/),
  },
  wrappers: ['value_definition', 'type_definition', 'module_definition', 'class_definition', 'structure', 'signature'],
  comments: ['comment'],
};

/** In interfaces the comment on a value stands below it as often as above. */
export const OCAML_INTERFACE: SymbolRules = { ...OCAML, comments: [] };

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
