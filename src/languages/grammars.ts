// The only file that knows tree-sitter: grammars are loaded when first needed and parse within a budget that counts work.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';
import { Language, Parser, type Tree, type TreeCursor } from 'web-tree-sitter';

export type { Node, TreeCursor } from 'web-tree-sitter';

/** Node type id of unparsable text. */
export const ERROR_TYPE = 65535;

/** Grammars taken from the second package: those that measured faster or with fewer errors, or that only it has. */
const FROM_REPOMIX: ReadonlySet<string> = new Set([
  'css',
  'dart',
  'go',
  'javascript',
  'php',
  'python',
  'rust',
  'solidity',
  'tsx',
  'typescript',
  'vue',
]);

/** Grammars that neither has: from packages of their own, see scripts/grammars.sh. */
const OWN: ReadonlySet<string> = new Set(['julia', 'objc', 'ocaml', 'ocaml_interface', 'toml']);

// Node has it, its type package does not declare it.
declare const WebAssembly: { readonly Module: new (bytes: Uint8Array) => Parameters<typeof Language.loadSync>[0] };

const require = createRequire(import.meta.url);

export interface Grammar {
  readonly name: string;
  /** Number of node types; ids run from 0. */
  readonly typeCount: number;
  /** Type of a named node; null for tokens. */
  typeName(id: number): string | null;
  /**
   * Parse a text and hand a cursor at its root to `use`; the tree is freed afterwards. `parse-limit`: the text needs more
   * work than any real source of its size; `parse-failed`: the grammar crashed.
   */
  parse<T>(text: string, use: (cursor: TreeCursor) => T): T | 'parse-limit' | 'parse-failed';
}

export interface Grammars {
  /** null when the grammar does not exist or does not load. */
  get(name: string): Grammar | null;
}

export async function openGrammars(): Promise<Grammars> {
  await Parser.init();
  const loaded = new Map<string, Grammar | null>();
  return {
    get(name) {
      let grammar = loaded.get(name);
      if (grammar === undefined) {
        grammar = load(name);
        loaded.set(name, grammar);
      }
      return grammar;
    },
  };
}

function load(name: string): Grammar {
  // The asynchronous load stalls for seconds after some grammars; compiling here does not.
  const language = Language.loadSync(new WebAssembly.Module(wasm(name)));
  let parser = new Parser().setLanguage(language);
  return {
    name,
    typeCount: language.nodeTypeCount,
    typeName: (id) => (language.nodeTypeIsNamed(id) ? language.nodeTypeForId(id) : null),
    parse(text, use) {
      let tree: Tree | null;
      try {
        tree = parseWithin(parser, text);
      } catch {
        // A trap inside a grammar's scanner leaves its parser unusable.
        parser = new Parser().setLanguage(language);
        return 'parse-failed';
      }
      if (!tree) {
        parser.reset();
        return 'parse-limit';
      }
      const cursor = tree.walk();
      try {
        return use(cursor);
      } finally {
        cursor.delete();
        tree.delete();
      }
    },
  };
}

/**
 * Characters handed over at a time. Grammars that look back often ask again from each place; the whole text, which the
 * parser takes by default 5,000 characters at a time, made Scala four times slower.
 */
const PIECE = 256;

/** Callbacks that a text may need: real sources need up to 0.06 per character. */
const BUDGET = 1000;
const BUDGET_PER_CHARACTER = 0.1;

/**
 * Hostile input makes single callbacks slow. The clock is that of the whole process, other threads included: several times
 * what a megabyte of real source takes on busy cores.
 */
const CPU_LIMIT_MICROSECONDS = 8_000_000;
/** Callbacks between two looks at the clock, which cost as much as a third of the parse when each took one. */
const CALLBACKS_PER_LOOK = 64;

/**
 * The budget counts the parser's callbacks, not time: the same text is always cut the same way, however busy the machine.
 * Only where counting is no protection does a limit on processor time end the parse.
 */
function parseWithin(parser: Parser, text: string): Tree | null {
  let budget = BUDGET + text.length * BUDGET_PER_CHARACTER;
  const start = process.cpuUsage();
  let callbacks = 0;
  const progressCallback = (): boolean =>
    --budget < 0 || (++callbacks % CALLBACKS_PER_LOOK === 0 && cpuSince(start) > CPU_LIMIT_MICROSECONDS);
  return parser.parse((index) => text.slice(index, index + PIECE), null, { progressCallback });
}

function cpuSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return user + system;
}

function wasm(name: string): Uint8Array {
  if (OWN.has(name)) {
    const file = fileURLToPath(new URL(`../../grammars/${name}.wasm.br`, import.meta.url));
    return brotliDecompressSync(readFileSync(file));
  }
  const owner = FROM_REPOMIX.has(name) ? '@repomix' : '@cursorless';
  const folder = dirname(require.resolve(`${owner}/tree-sitter-wasms/package.json`));
  return readFileSync(join(folder, 'out', `tree-sitter-${name}.wasm`));
}
