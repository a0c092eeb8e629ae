// Which symbol rules serve which grammar.
import * as documents from './documents.js';
import * as ecmascript from './ecmascript.js';
import * as functional from './functional.js';
import * as managed from './managed.js';
import { OBJECTIVE_C } from './objective-c.js';
import type { SymbolRules } from './rule.js';
import * as scripting from './scripting.js';
import * as systems from './systems.js';

export const SYMBOL_RULES: Readonly<Record<string, SymbolRules>> = {
  agda: functional.AGDA,
  bash: scripting.BASH,
  c: systems.C,
  c_sharp: managed.C_SHARP,
  clojure: functional.CLOJURE,
  cpp: systems.CPP,
  css: documents.CSS,
  dart: managed.DART,
  dtd: documents.PLAIN,
  elixir: functional.ELIXIR,
  elm: functional.ELM,
  gdscript: scripting.GDSCRIPT,
  gleam: functional.GLEAM,
  go: systems.GO,
  haskell: functional.HASKELL,
  hcl: documents.TERRAFORM,
  html: documents.HTML,
  java: managed.JAVA,
  javascript: ecmascript.JAVASCRIPT,
  json: documents.JSON_KEYS,
  julia: scripting.JULIA,
  kotlin: managed.KOTLIN,
  latex: documents.LATEX,
  lua: scripting.LUA,
  markdown: documents.MARKDOWN,
  nix: functional.NIX,
  objc: OBJECTIVE_C,
  ocaml: functional.OCAML,
  ocaml_interface: functional.OCAML_INTERFACE,
  php: scripting.PHP,
  properties: documents.PROPERTIES,
  python: scripting.PYTHON,
  query: documents.PLAIN,
  r: scripting.R,
  ruby: scripting.RUBY,
  rust: systems.RUST,
  scala: managed.SCALA,
  scss: documents.SCSS,
  solidity: systems.SOLIDITY,
  sparql: documents.PLAIN,
  swift: managed.SWIFT,
  talon: scripting.TALON,
  toml: documents.TOML,
  tsx: ecmascript.TYPESCRIPT,
  typescript: ecmascript.TYPESCRIPT,
  vue: documents.VUE,
  xml: documents.XML,
  yaml: documents.YAML,
  zig: systems.ZIG,
};
