// Symbols of Python, Ruby, PHP, Lua, R, Julia, Bash and GDScript.
import type { Node } from '../grammars.js';
import {
  anyOf,
  childOfType,
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

/** A name assigned at the top level or in a class body. */
function assigned(kind: string, field: string, type: string): SymbolRule {
  return (node, scope) => {
    const left = node.childForFieldName(field);
    return scope === 'file' && left?.type === type ? found(kind, left.text) : null;
  };
}

export const PYTHON: SymbolRules = {
  symbols: {
    function_definition: named('function'),
    class_definition: named('class'),
    assignment: assigned('constant', 'left', 'identifier'),
    type_alias_statement: named('type', 'left'),
  },
  wrappers: ['decorated_definition', 'expression_statement'],
  comments: ['comment', 'decorator'],
};

/** Blocks of RSpec, Rake and Minitest; the title says in words what the code does. */
const RUBY_BLOCKS = /^(describe|context|it|specify|feature|scenario|test|task|namespace|shared_examples|factory)$/;

const rubyCall: SymbolRule = (node) => {
  const method = node.childForFieldName('method')?.text ?? '';
  const argument = node.childForFieldName('arguments')?.namedChild(0);
  if (!argument || !node.childForFieldName('block')) return null;
  if (method === 'define_method') return found('method', unquoted(argument.text).replace(/^:/, ''));
  return RUBY_BLOCKS.test(method) ? found('test', unquoted(argument.text).replace(/^:/, '')) : null;
};

export const RUBY: SymbolRules = {
  symbols: {
    method: named('method'),
    singleton_method: named('method'),
    class: named('class'),
    module: named('module'),
    call: rubyCall,
    assignment: (node, scope) => (scope === 'function' ? null : assignedConstant(node)),
  },
  comments: ['comment'],
};

function assignedConstant(node: Node) {
  const left = node.childForFieldName('left');
  return left?.type === 'constant' ? found('constant', left.text) : null;
}

export const PHP: SymbolRules = {
  symbols: {
    class_declaration: named('class'),
    interface_declaration: named('interface'),
    trait_declaration: named('trait'),
    enum_declaration: named('enum'),
    function_definition: named('function'),
    method_declaration: named('method'),
    const_element: outer(firstChild('constant', /^name$/)),
    namespace_definition: (node) =>
      node.childForFieldName('body') ? found('namespace', node.childForFieldName('name')?.text ?? '') : null,
  },
  wrappers: ['const_declaration'],
  comments: ['comment', 'attribute_list'],
};

const LUA_FUNCTION = /^function_definition$/;

/** `M.f = function() … end`, also behind `local`. */
const luaAssignment: SymbolRule = (node, scope) => {
  const names = childOfType(node, /^variable_list$/);
  const values = childOfType(node, /^expression_list$/);
  if (!names || !values) return null;
  if (childOfType(values, LUA_FUNCTION)) return qualified('function', names.text, /[.:]/);
  return scope === 'file' && names.namedChildCount === 1 ? qualified('variable', names.text, /[.:]/) : null;
};

export const LUA: SymbolRules = {
  symbols: {
    function_declaration: (node) => qualified('function', node.childForFieldName('name')?.text ?? '', /[.:]/),
    assignment_statement: luaAssignment,
    field: (node) =>
      node.childForFieldName('value')?.type === 'function_definition'
        ? found('function', node.childForFieldName('name')?.text ?? '')
        : null,
  },
  wrappers: ['variable_declaration'],
  comments: ['comment'],
};

const R_ASSIGNMENT = /^(<-|<<-|=|:=)$/;

const rAssignment: SymbolRule = (node, scope) => {
  const left = node.childForFieldName('lhs');
  if (!left || !R_ASSIGNMENT.test(node.childForFieldName('operator')?.text ?? '')) return null;
  if (node.childForFieldName('rhs')?.type === 'function_definition') return found('function', unquoted(left.text));
  return scope === 'file' && left.type === 'identifier' ? found('variable', left.text) : null;
};

export const R: SymbolRules = { symbols: { binary_operator: rAssignment }, comments: ['comment'] };

export const BASH: SymbolRules = {
  symbols: {
    function_definition: named('function'),
    variable_assignment: (node, scope) =>
      scope === 'file' ? found('variable', node.childForFieldName('name')?.text ?? '') : null,
  },
  wrappers: ['declaration_command'],
  comments: ['comment'],
};

export const GDSCRIPT: SymbolRules = {
  symbols: {
    function_definition: named('function'),
    constructor_definition: fixed('constructor', '_init'),
    class_definition: named('class'),
    class_name_statement: firstChild('class', /^name$/),
    enum_definition: named('enum'),
    signal_statement: firstChild('signal', /^name$/),
    const_statement: outer(named('constant')),
    variable_statement: outer(named('variable')),
  },
  comments: ['comment', 'annotation', 'annotations'],
};

export const TALON: SymbolRules = {
  symbols: { command_declaration: anyOf((node) => found('rule', node.namedChild(0)?.text ?? '')) },
  comments: ['comment'],
};

/** `Base.show(io, x::T) where T`: what stands before the parenthesis. */
function juliaCall(kind: string): SymbolRule {
  return (node) => qualified(kind, /^[^\s({]+/.exec(childOfType(node, /^signature$/)?.text ?? '')?.[0] ?? '', /\./);
}

/** `f(x) = …` is a function, `limit = 5` at the top level or `const` a constant. */
const juliaAssignment: SymbolRule = (node, scope) => {
  const left = node.namedChild(0);
  if (!left || scope !== 'file') return null;
  if (left.type === 'identifier') return found('constant', left.text);
  return /^(call_expression|where_expression|typed_expression)$/.test(left.type)
    ? qualified('function', /^[^\s({]+/.exec(left.text)?.[0] ?? '', /\./)
    : null;
};

function juliaType(kind: string): SymbolRule {
  return (node) => found(kind, /^\w+/.exec(childOfType(node, /^type_head$/)?.text ?? '')?.[0] ?? '');
}

export const JULIA: SymbolRules = {
  symbols: {
    function_definition: juliaCall('function'),
    macro_definition: juliaCall('macro'),
    assignment: juliaAssignment,
    struct_definition: juliaType('struct'),
    abstract_definition: juliaType('type'),
    primitive_definition: juliaType('type'),
    module_definition: named('module'),
  },
  wrappers: ['const_statement', 'macrocall_expression', 'macro_argument_list'],
  // A string before a definition is its documentation.
  comments: ['line_comment', 'block_comment', 'string_literal'],
};
