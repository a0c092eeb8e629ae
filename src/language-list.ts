// The languages that are told apart, as `codebase-mcp languages` shows them.
import { LANGUAGES } from './languages/catalog.js';
import { LINE_PATTERNS } from './languages/symbols/patterns.js';

export interface KnownLanguage {
  readonly name: string;
  /** Other names that a filter understands. */
  readonly aliases: readonly string[];
  readonly extensions: readonly string[];
  readonly file_names: readonly string[];
  /** Interpreters of a `#!` line. */
  readonly interpreters: readonly string[];
  /** Where its files are cut: at the syntax tree, at lines where definitions begin, or by size. */
  readonly cut_at: 'syntax' | 'definitions' | 'size';
  /** Name of the grammar; null where there is none. */
  readonly grammar: string | null;
}

/** All languages, by name. */
export function knownLanguages(): readonly KnownLanguage[] {
  return LANGUAGES.map((language) => ({
    name: language.name,
    aliases: language.aliases ?? [],
    extensions: language.extensions,
    file_names: language.fileNames ?? [],
    interpreters: language.shebangs ?? [],
    cut_at: cutAt(language.name, language.grammar),
    grammar: language.grammar ?? null,
  })).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function cutAt(name: string, grammar: string | undefined): KnownLanguage['cut_at'] {
  if (grammar !== undefined) return 'syntax';
  return Object.hasOwn(LINE_PATTERNS, name) ? 'definitions' : 'size';
}
