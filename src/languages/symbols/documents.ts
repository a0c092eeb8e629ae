// Symbols of documents, markup, style sheets and data: headings, elements, rules and keys.
import { grammarOf, languageNamed } from '../catalog.js';
import type { Node } from '../grammars.js';
import { TARGET_WEIGHT } from '../lines.js';
import {
  childOfType,
  type EmbeddedRule,
  firstChild,
  found,
  named,
  type SymbolRule,
  type SymbolRules,
  unquoted,
} from './rule.js';

const heading: SymbolRule = (node) => {
  const title = childOfType(node, /heading$/, 2);
  return title ? found('section', title.text.replace(/^[#\s]+/, '').replace(/\n[=-]+\s*$/, '')) : null;
};

/** Code in a document is cut as code where it is so long that it must be cut. */
const fence: EmbeddedRule = (node) => {
  const body = childOfType(node, /^code_fence_content$/);
  const tag = /^[\w+#-]+/.exec(childOfType(node, /^info_string$/)?.text.replace(/^[\s{.]+/, '') ?? '')?.[0] ?? '';
  if (!body || body.endIndex - body.startIndex < TARGET_WEIGHT) return null;
  const grammar = grammarOf(`a.${tag}`) ?? languageNamed(tag)?.grammar;
  return grammar ? { grammar, body, examples: true } : null;
};

export const MARKDOWN: SymbolRules = { symbols: { section: heading }, embedded: { fenced_code_block: fence } };

/** `[tool.name]`, `[[bin]]`. */
const table = firstChild('section', /_key$/);
const topKey = firstChild('key', /_key$/);

export const TOML: SymbolRules = {
  symbols: {
    table,
    table_array_element: table,
    pair: (node, scope) => (node.parent?.type === 'document' ? topKey(node, scope) : null),
  },
  comments: ['comment'],
};

const key: SymbolRule = (node) => {
  const name = node.childForFieldName('key');
  return name ? found('key', unquoted(name.text)) : null;
};

export const JSON_KEYS: SymbolRules = { symbols: { pair: key }, comments: ['comment'] };
export const YAML: SymbolRules = { symbols: { block_mapping_pair: key }, comments: ['comment'] };
export const PROPERTIES: SymbolRules = { symbols: {}, comments: ['comment'] };

export const TERRAFORM: SymbolRules = {
  symbols: {
    block: (node) => {
      const parts = [];
      for (let i = 0; i < Math.min(4, node.namedChildCount); i++) {
        const part = node.namedChild(i);
        if (!part || !/^(identifier|string_lit)$/.test(part.type)) break;
        parts.push(unquoted(part.text));
      }
      return found('block', parts.join('.'));
    },
    attribute: (node, scope) => (scope === 'file' ? found('key', node.namedChild(0)?.text ?? '') : null),
  },
  wrappers: ['body'],
  comments: ['comment'],
};

/** Elements are named by tag and id. */
const element: SymbolRule = (node) => {
  const tag = childOfType(node, /^(start_tag|self_closing_tag|STag|EmptyElemTag)$/, 1);
  const text = /^<\s*([\w:.-]+)/.exec(tag?.text.slice(0, 400) ?? '');
  const id = /\s(?:id|name)\s*=\s*["']([^"']+)["']/.exec(tag?.text.slice(0, 400) ?? '');
  return text ? found('element', id ? `${text[1]}#${id[1]}` : (text[1] ?? '')) : null;
};

export const XML: SymbolRules = { symbols: { element }, comments: ['Comment'] };

const SCRIPT_GRAMMARS: Readonly<Record<string, string>> = {
  ts: 'typescript',
  typescript: 'typescript',
  tsx: 'tsx',
  jsx: 'javascript',
};
const STYLE_GRAMMARS: Readonly<Record<string, string>> = { scss: 'scss', postcss: 'css' };

function embeddedText(fallback: string, grammars: Readonly<Record<string, string>>): EmbeddedRule {
  return (node: Node) => {
    const body = childOfType(node, /^raw_text$/);
    const language = /\b(?:lang|type)\s*=\s*["']?(?:text\/)?([\w-]+)/.exec(node.namedChild(0)?.text ?? '')?.[1];
    if (!body || language === 'template' || language === 'x-template') return null;
    return { grammar: (language && grammars[language]) || fallback, body };
  };
}

const PAGE_EMBEDDED = {
  script_element: embeddedText('javascript', SCRIPT_GRAMMARS),
  style_element: embeddedText('css', STYLE_GRAMMARS),
};

export const HTML: SymbolRules = {
  symbols: { element },
  comments: ['comment'],
  embedded: PAGE_EMBEDDED,
};

export const VUE: SymbolRules = {
  symbols: { template_element: (node) => found('element', node.type.replace(/_element$/, '')) },
  comments: ['comment'],
  embedded: PAGE_EMBEDDED,
};

const rule = firstChild('rule', /^selectors$/);

export const CSS: SymbolRules = {
  symbols: {
    rule_set: rule,
    media_statement: (node) => found('rule', node.text.split('{', 1)[0] ?? ''),
    keyframes_statement: firstChild('rule', /^keyframes_name$/),
  },
  comments: ['comment', 'js_comment'],
};

export const SCSS: SymbolRules = {
  symbols: {
    ...CSS.symbols,
    mixin_statement: firstChild('mixin', /^name$/),
    function_statement: firstChild('function', /^name$/),
    placeholder: firstChild('rule', /^name$/),
  },
  comments: ['comment', 'single_line_comment'],
};

const latexHeading: SymbolRule = (node) =>
  found('section', (node.childForFieldName('text')?.text ?? '').replace(/^\{|\}$/g, ''));

export const LATEX: SymbolRules = {
  symbols: {
    chapter: latexHeading,
    section: latexHeading,
    subsection: latexHeading,
    subsubsection: latexHeading,
    new_command_definition: (node) =>
      found('macro', (node.childForFieldName('declaration')?.text ?? '').replace(/[{}]/g, '')),
    environment_definition: named('macro'),
  },
  comments: ['line_comment', 'comment'],
};

/** Formats whose tree has no names that anybody would look for; cut at the tree all the same. */
export const PLAIN: SymbolRules = { symbols: {}, comments: ['comment'] };
