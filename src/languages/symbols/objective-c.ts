// Symbols of Objective-C: those of C, and classes whose methods are named by the first part of their selector.
import { type Found, firstChild, found, type SymbolRule, type SymbolRules } from './rule.js';
import { C } from './systems.js';

const method: SymbolRule = (node): Found | null => {
  for (let i = 0; i < node.namedChildCount; i++) {
    const child = node.namedChild(i);
    if (child?.type === 'identifier') return found('method', child.text);
  }
  return null;
};

const ofClass = firstChild('class', /^identifier$/);

export const OBJECTIVE_C: SymbolRules = {
  symbols: {
    ...C.symbols,
    class_interface: ofClass,
    class_implementation: ofClass,
    protocol_declaration: firstChild('protocol', /^identifier$/),
    method_definition: method,
    method_declaration: method,
  },
  wrappers: [...(C.wrappers ?? []), 'implementation_definition'],
  comments: C.comments ?? [],
};
