// Symbols of JavaScript and TypeScript: most of their functions are values, so names come from what they are assigned to.
import type { Node } from '../grammars.js';
import {
  anyOf,
  type Found,
  fixed,
  found,
  named,
  outer,
  qualified,
  type SymbolRule,
  type SymbolRules,
  unquoted,
} from './rule.js';

const FUNCTION_VALUES = new Set(['arrow_function', 'function_expression', 'function', 'generator_function']);
const TRANSPARENT = new Set([
  'as_expression',
  'satisfies_expression',
  'parenthesized_expression',
  'non_null_expression',
]);

/** Test blocks are symbols too: their titles say in words what code does. */
const TEST_BLOCKS = /^(describe|it|test|suite|context|bench)$/;

/** `function` or `class` for a value that is one, also inside `memo(…)` and the like; null for plain data. */
function valueKind(value: Node | null, depth = 0): string | null {
  if (!value || depth > 3) return null;
  if (FUNCTION_VALUES.has(value.type)) return 'function';
  if (value.type === 'class') return 'class';
  if (TRANSPARENT.has(value.type)) return valueKind(value.namedChild(0), depth + 1);
  if (value.type === 'call_expression') {
    for (const argument of value.childForFieldName('arguments')?.namedChildren ?? []) {
      const kind = argument && valueKind(argument, depth + 1);
      if (kind) return kind;
    }
  }
  return null;
}

const declarator: SymbolRule = (node, scope) => {
  const name = node.childForFieldName('name');
  if (name?.type !== 'identifier') return null;
  const value = node.childForFieldName('value');
  const direct = value !== null && (FUNCTION_VALUES.has(value.type) || value.type === 'class');
  if (value?.type === 'call_expression' && value.childForFieldName('function')?.text === 'require') return null;
  if (scope === 'function') return direct ? found(valueKind(value) ?? 'function', name.text) : null;
  return found(valueKind(value) ?? 'constant', name.text);
};

/** Object and class members that hold a function. */
function member(field: string): SymbolRule {
  return (node) => {
    const value = node.childForFieldName('value');
    if (!value || !FUNCTION_VALUES.has(value.type)) return null;
    const name = node.childForFieldName(field);
    return name ? found('method', unquoted(name.text)) : null;
  };
}

/** `Class.prototype.method = …`, `exports.name = …`, `module.exports = …`. */
const assignment: SymbolRule = (node) => {
  const left = node.childForFieldName('left');
  const kind = valueKind(node.childForFieldName('right'));
  if (left?.type !== 'member_expression') return left?.type === 'identifier' && kind ? found(kind, left.text) : null;
  const path = left.text.replace(/\s+/g, '');
  if (path === 'module.exports') return { kind: kind ?? 'constant', name: path };
  if (!kind && !/^(module\.)?exports\./.test(path)) return null;
  return qualified(
    kind ?? 'constant',
    path.replace(/^(module\.)?exports\.|^this\.|^window\./, '').replace('.prototype.', '.'),
    /\./,
  );
};

const defaultExport: SymbolRule = (node) => {
  const value = node.childForFieldName('value');
  if (!value || value.type === 'identifier') return null;
  const own = value.childForFieldName('name');
  return own
    ? found(valueKind(value) ?? 'constant', own.text)
    : { kind: valueKind(value) ?? 'constant', name: 'default' };
};

const testBlock: SymbolRule = (node) => {
  const callee = node.childForFieldName('function');
  if (!callee || !TEST_BLOCKS.test(callee.text.slice(0, 40).split('.', 1)[0] ?? '')) return null;
  const title = node.childForFieldName('arguments')?.namedChild(0);
  return title && /string/.test(title.type) ? testTitle(title) : null;
};

function testTitle(title: Node): Found | null {
  return found('test', unquoted(title.text));
}

const SHARED: Readonly<Record<string, SymbolRule>> = {
  function_declaration: named('function'),
  generator_function_declaration: named('function'),
  class_declaration: named('class'),
  method_definition: (node) => {
    const name = node.childForFieldName('name')?.text ?? '';
    return found(name === 'constructor' ? 'constructor' : 'method', name);
  },
  pair: member('key'),
  variable_declarator: declarator,
  assignment_expression: outer(assignment),
  export_statement: defaultExport,
  call_expression: testBlock,
};

const WRAPPERS = ['export_statement', 'lexical_declaration', 'variable_declaration', 'expression_statement'];

export const JAVASCRIPT: SymbolRules = {
  symbols: { ...SHARED, field_definition: member('property') },
  wrappers: WRAPPERS,
  comments: ['comment', 'decorator', 'html_comment'],
};

export const TYPESCRIPT: SymbolRules = {
  symbols: {
    ...SHARED,
    abstract_class_declaration: named('class'),
    public_field_definition: member('name'),
    interface_declaration: named('interface'),
    type_alias_declaration: named('type'),
    enum_declaration: named('enum'),
    function_signature: named('function'),
    abstract_method_signature: named('method'),
    // Interfaces, and classes of declaration files.
    method_signature: named('signature'),
    internal_module: named('module'),
    module: anyOf(
      (node) => found('module', unquoted(node.childForFieldName('name')?.text ?? '')),
      fixed('module', 'module'),
    ),
  },
  wrappers: [...WRAPPERS, 'ambient_declaration'],
  comments: ['comment', 'decorator', 'html_comment'],
};
