// Symbols of C, C++, Go, Rust, Zig and Solidity.
import type { Node } from '../grammars.js';
import {
  childOfType,
  type Found,
  firstChild,
  fixed,
  found,
  named,
  outer,
  qualified,
  type SymbolRule,
  type SymbolRules,
  unquoted,
} from './rule.js';

const DECLARED_NAME =
  /^(identifier|field_identifier|type_identifier|qualified_identifier|destructor_name|operator_name|operator_cast)$/;

/** The name is at the end of a chain of pointer, array and function declarators. */
function declaredName(node: Node): Node | null {
  let declarator = node.childForFieldName('declarator');
  for (let depth = 0; declarator && depth < 8; depth++) {
    if (DECLARED_NAME.test(declarator.type)) return declarator;
    declarator = declarator.childForFieldName('declarator') ?? declarator.namedChild(0);
  }
  return null;
}

function declared(kind: string): SymbolRule {
  return (node) => {
    const name = declaredName(node);
    return name ? memberOf(kind, name.text) : null;
  };
}

/** `a::B<T>::c()` is c of a, B. */
function memberOf(kind: string, text: string): Found | null {
  if (/\boperator\b/.test(text)) return found(kind, text.replace(/\(\)$/, ''));
  const symbol = qualified(kind, text.replace(/<[^<>]*>/g, '').replace(/<[^<>]*>/g, ''), /::/);
  return symbol?.qualifiers?.length && kind === 'function' ? { ...symbol, kind: 'method' } : symbol;
}

/** Prototypes, and tables of data with an initialiser, at the top level. */
const declaration: SymbolRule = (node, scope) => {
  if (scope === 'function') return null;
  const declarator = node.childForFieldName('declarator');
  if (!declarator) return null;
  if (declarator.type === 'init_declarator') return declared('variable')(node, scope);
  const isFunction =
    declarator.type === 'function_declarator' ||
    declarator.childForFieldName('declarator')?.type === 'function_declarator';
  return isFunction ? declared('declaration')(node, scope) : null;
};

/** A struct, class or enum that is defined here, not only mentioned. */
function withBody(kind: string): SymbolRule {
  return (node) => {
    const name = node.childForFieldName('name');
    return name && node.childForFieldName('body') ? found(kind, name.text) : null;
  };
}

export const C: SymbolRules = {
  symbols: {
    function_definition: declared('function'),
    struct_specifier: withBody('struct'),
    union_specifier: withBody('union'),
    enum_specifier: withBody('enum'),
    type_definition: declared('type'),
    preproc_function_def: named('macro'),
    preproc_def: outer((node) =>
      node.childForFieldName('value') ? found('macro', node.childForFieldName('name')?.text ?? '') : null,
    ),
    declaration,
  },
  wrappers: [
    'preproc_ifdef',
    'preproc_if',
    'preproc_else',
    'preproc_elif',
    'linkage_specification',
    'declaration_list',
  ],
  comments: ['comment', 'attribute_declaration'],
};

export const CPP: SymbolRules = {
  symbols: {
    ...C.symbols,
    class_specifier: withBody('class'),
    namespace_definition: named('namespace'),
    alias_declaration: named('type'),
    concept_definition: named('concept'),
  },
  wrappers: [...(C.wrappers ?? []), 'template_declaration'],
  comments: ['comment', 'attribute_declaration'],
};

const goMethod: SymbolRule = (node) => {
  const name = node.childForFieldName('name')?.text;
  const receiver = /(\w+)\s*(\[[^\]]*\])?\s*\)$/.exec(node.childForFieldName('receiver')?.text ?? '')?.[1];
  return name ? { kind: 'method', name, qualifiers: receiver ? [receiver] : [] } : null;
};

const GO_TYPES: Readonly<Record<string, string>> = { struct_type: 'struct', interface_type: 'interface' };

export const GO: SymbolRules = {
  symbols: {
    function_declaration: named('function'),
    method_declaration: goMethod,
    type_spec: (node) =>
      found(GO_TYPES[node.childForFieldName('type')?.type ?? ''] ?? 'type', node.childForFieldName('name')?.text ?? ''),
    type_alias: named('type'),
    const_spec: outer(named('constant')),
    var_spec: outer(named('variable')),
  },
  wrappers: ['type_declaration', 'const_declaration', 'var_declaration', 'var_spec_list'],
  comments: ['comment'],
};

/** An impl is named after its type; methods in it belong to that type. */
const impl: SymbolRule = (node) => {
  const type = node.childForFieldName('type')?.text ?? '';
  return found('impl', type.replace(/<[\s\S]*$/, '').replace(/^&(mut )?/, ''));
};

export const RUST: SymbolRules = {
  symbols: {
    function_item: named('function'),
    function_signature_item: named('function'),
    struct_item: named('struct'),
    enum_item: named('enum'),
    union_item: named('union'),
    trait_item: named('trait'),
    impl_item: impl,
    mod_item: (node) =>
      node.childForFieldName('body') ? found('module', node.childForFieldName('name')?.text ?? '') : null,
    macro_definition: named('macro'),
    type_item: outer(named('type')),
    const_item: outer(named('constant')),
    static_item: outer(named('constant')),
  },
  wrappers: ['foreign_mod_item', 'declaration_list'],
  comments: ['line_comment', 'block_comment', 'attribute_item'],
};

const ZIG_TYPES: Readonly<Record<string, string>> = {
  struct_declaration: 'struct',
  enum_declaration: 'enum',
  union_declaration: 'union',
  opaque_declaration: 'struct',
  error_set_declaration: 'enum',
};

const zigVariable: SymbolRule = (node, scope) => {
  const name = childOfType(node, /^identifier$/);
  const type = childOfType(node, /^(struct|enum|union|opaque|error_set)_declaration$/);
  const kind = type ? ZIG_TYPES[type.type] : undefined;
  return name && (kind || scope !== 'function') ? found(kind ?? 'constant', name.text) : null;
};

export const ZIG: SymbolRules = {
  symbols: {
    function_declaration: named('function'),
    variable_declaration: zigVariable,
    test_declaration: (node) => found('test', unquoted(childOfType(node, /^(string|identifier)$/)?.text ?? 'test')),
  },
  comments: ['comment'],
};

export const SOLIDITY: SymbolRules = {
  symbols: {
    contract_declaration: named('contract'),
    interface_declaration: named('interface'),
    library_declaration: named('library'),
    function_definition: named('function'),
    modifier_definition: named('modifier'),
    event_definition: named('event'),
    error_declaration: named('error'),
    struct_declaration: named('struct'),
    enum_declaration: named('enum'),
    constructor_definition: fixed('constructor', 'constructor'),
    fallback_receive_definition: fixed('function', 'fallback'),
    constant_variable_declaration: named('constant'),
    user_defined_type_definition: firstChild('type', /identifier|user_defined_type/),
  },
  comments: ['comment'],
};
