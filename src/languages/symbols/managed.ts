// Symbols of Java, Kotlin, Scala, C#, Swift and Dart.

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
} from './rule.js';

export const JAVA: SymbolRules = {
  symbols: {
    class_declaration: named('class'),
    interface_declaration: named('interface'),
    enum_declaration: named('enum'),
    record_declaration: named('record'),
    annotation_type_declaration: named('annotation'),
    method_declaration: named('method'),
    constructor_declaration: named('constructor'),
    compact_constructor_declaration: named('constructor'),
    module_declaration: named('module'),
  },
  comments: ['line_comment', 'block_comment'],
};

/** class, interface and enum are one node type; the keyword tells them apart. */
function byKeyword(node: Node, keywords: RegExp, name: Node | null): Found | null {
  const before = node.text.slice(0, name ? Math.max(0, name.startIndex - node.startIndex) : 200);
  const kind = keywords.exec(before.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, ''))?.[1] ?? 'class';
  return name ? found(kind, name.text) : null;
}

const kotlinClass: SymbolRule = (node) =>
  byKeyword(node, /\b(interface|enum|class)\b/, childOfType(node, /^type_identifier$/));

const kotlinProperty: SymbolRule = (node) => {
  const name = childOfType(node, /^variable_declaration$/);
  return name ? found('property', name.text.replace(/:[\s\S]*$/, '')) : null;
};

export const KOTLIN: SymbolRules = {
  symbols: {
    class_declaration: kotlinClass,
    object_declaration: firstChild('object', /^type_identifier$/),
    companion_object: (node) => found('object', childOfType(node, /^type_identifier$/)?.text ?? 'Companion'),
    function_declaration: firstChild('function', /^simple_identifier$/),
    secondary_constructor: fixed('constructor', 'constructor'),
    property_declaration: (node, scope) => (scope === 'file' ? kotlinProperty(node, scope) : null),
    type_alias: firstChild('type', /^type_identifier$/),
  },
  comments: ['line_comment', 'multiline_comment', 'file_annotation', 'annotation'],
};

const scalaValue: SymbolRule = (node) => {
  const pattern = node.childForFieldName('pattern');
  return pattern?.type === 'identifier' ? found('value', pattern.text) : null;
};

export const SCALA: SymbolRules = {
  symbols: {
    class_definition: named('class'),
    object_definition: named('object'),
    trait_definition: named('trait'),
    enum_definition: named('enum'),
    function_definition: named('function'),
    function_declaration: named('function'),
    given_definition: named('given'),
    type_definition: outer(named('type')),
    val_definition: outer(scalaValue),
    extension_definition: fixed('extension', 'extension'),
    package_object: named('object'),
  },
  comments: ['comment', 'block_comment', 'annotation'],
};

const operator: SymbolRule = (node) =>
  found('operator', /operator\s+([^\s(]+)/.exec(node.text.slice(0, 300))?.[0] ?? '');

export const C_SHARP: SymbolRules = {
  symbols: {
    class_declaration: named('class'),
    interface_declaration: named('interface'),
    struct_declaration: named('struct'),
    record_declaration: named('record'),
    enum_declaration: named('enum'),
    method_declaration: named('method'),
    constructor_declaration: named('constructor'),
    destructor_declaration: named('destructor'),
    property_declaration: named('property'),
    indexer_declaration: fixed('property', 'this[]'),
    event_declaration: named('event'),
    delegate_declaration: named('delegate'),
    operator_declaration: operator,
    conversion_operator_declaration: operator,
    local_function_statement: named('function'),
    namespace_declaration: named('namespace'),
  },
  wrappers: ['preproc_if', 'preproc_region'],
  comments: ['comment', 'attribute_list'],
};

const swiftClass: SymbolRule = (node) =>
  byKeyword(node, /\b(class|struct|enum|extension|actor)\b/, node.childForFieldName('name'));

export const SWIFT: SymbolRules = {
  symbols: {
    class_declaration: swiftClass,
    protocol_declaration: named('protocol'),
    function_declaration: named('function'),
    protocol_function_declaration: named('function'),
    init_declaration: fixed('constructor', 'init'),
    deinit_declaration: fixed('destructor', 'deinit'),
    subscript_declaration: fixed('method', 'subscript'),
    typealias_declaration: outer(named('type')),
    property_declaration: (node, scope) => (scope === 'function' ? null : swiftProperty(node, scope)),
    macro_declaration: firstChild('macro', /identifier/),
  },
  comments: ['comment', 'multiline_comment'],
};

/** Constants of a file, and computed properties of a type. */
function swiftProperty(node: Node, scope: string): Found | null {
  if (scope === 'type' && !node.childForFieldName('computed_value')) return null;
  return found('property', node.childForFieldName('name')?.text ?? '');
}

/** `Class.named(…)`: the last identifier before the parameters. */
const dartConstructor: SymbolRule = (node) => {
  const head = /^(?:external\s+|const\s+|factory\s+)*([\w.]+)/.exec(node.text.slice(0, 200))?.[1];
  return head ? qualified('constructor', head, /\./) : null;
};

export const DART: SymbolRules = {
  symbols: {
    class_definition: named('class'),
    mixin_declaration: firstChild('mixin', /^identifier$/),
    extension_declaration: named('extension'),
    extension_type_declaration: named('extension'),
    enum_declaration: named('enum'),
    function_signature: named('function'),
    getter_signature: named('function'),
    setter_signature: named('function'),
    operator_signature: (node) => found('operator', /operator\s*[^\s(]+/.exec(node.text.slice(0, 200))?.[0] ?? ''),
    constructor_signature: dartConstructor,
    factory_constructor_signature: dartConstructor,
    constant_constructor_signature: dartConstructor,
    type_alias: firstChild('type', /^type_identifier$/),
    static_final_declaration: (node, scope) =>
      scope === 'file' ? found('constant', node.namedChild(0)?.text ?? '') : null,
  },
  wrappers: ['method_signature', 'declaration', 'static_final_declaration_list'],
  comments: ['comment', 'documentation_comment', 'annotation'],
};
