// The languages that are told apart, by extension, file name or first line. Free of the parser, so search can load it.

export interface Language {
  readonly name: string;
  /** Without the dot, lower case; an exact upper-case form (R, C) is listed beside it where it means something else. */
  readonly extensions: readonly string[];
  readonly fileNames?: readonly string[];
  /** Interpreters of a `#!` line, without version numbers. */
  readonly shebangs?: readonly string[];
  /** Other names that people type in a filter. */
  readonly aliases?: readonly string[];
  /** Grammar of grammars.ts; languages without one are cut into line windows. */
  readonly grammar?: string;
  /** Extensions that need another grammar than the language's own, or for which there is none (null). */
  readonly grammarByExtension?: Readonly<Record<string, string | null>>;
}

export const LANGUAGES: readonly Language[] = [
  {
    name: 'typescript',
    extensions: ['ts', 'mts', 'cts', 'tsx'],
    shebangs: ['deno', 'ts-node', 'tsx'],
    aliases: ['ts', 'tsx'],
    grammar: 'typescript',
    grammarByExtension: { tsx: 'tsx' },
  },
  {
    name: 'javascript',
    extensions: ['js', 'mjs', 'cjs', 'jsx', 'es6', 'jsm'],
    fileNames: ['Jakefile'],
    shebangs: ['node', 'nodejs', 'bun'],
    aliases: ['js', 'jsx', 'node'],
    grammar: 'javascript',
  },
  {
    name: 'python',
    extensions: ['py', 'pyi', 'pyw', 'wsgi', 'bzl', 'bazel', 'pyx', 'pxd'],
    fileNames: ['SConstruct', 'SConscript', 'BUILD', 'WORKSPACE', 'Snakefile'],
    shebangs: ['python', 'pypy', 'uv'],
    aliases: ['py'],
    grammar: 'python',
  },
  { name: 'go', extensions: ['go'], aliases: ['golang'], grammar: 'go' },
  { name: 'rust', extensions: ['rs'], aliases: ['rs'], grammar: 'rust' },
  { name: 'java', extensions: ['java'], shebangs: ['java'], grammar: 'java' },
  // Most .h files of C parse as C++, the reverse does not hold.
  { name: 'c', extensions: ['c', 'h', 'idc'], grammar: 'c', grammarByExtension: { h: 'cpp' } },
  {
    name: 'cpp',
    extensions: [
      'cpp',
      'cc',
      'cxx',
      'c++',
      'hpp',
      'hh',
      'hxx',
      'h++',
      'inl',
      'ipp',
      'tpp',
      'tcc',
      'cu',
      'cuh',
      'ino',
      'C',
      'H',
    ],
    aliases: ['c++', 'cxx'],
    grammar: 'cpp',
  },
  { name: 'csharp', extensions: ['cs', 'csx'], aliases: ['c#', 'cs', 'c_sharp'], grammar: 'c_sharp' },
  {
    name: 'ruby',
    extensions: ['rb', 'rake', 'gemspec', 'ru', 'rbw', 'podspec', 'jbuilder', 'thor'],
    fileNames: [
      'Rakefile',
      'Gemfile',
      'Vagrantfile',
      'Podfile',
      'Guardfile',
      'Capfile',
      'Brewfile',
      'Fastfile',
      'Dangerfile',
    ],
    shebangs: ['ruby', 'jruby', 'rake'],
    aliases: ['rb'],
    grammar: 'ruby',
  },
  { name: 'php', extensions: ['php', 'phtml', 'php3', 'php4', 'php5', 'inc'], shebangs: ['php'], grammar: 'php' },
  { name: 'kotlin', extensions: ['kt', 'kts'], aliases: ['kt'], grammar: 'kotlin' },
  { name: 'swift', extensions: ['swift'], shebangs: ['swift'], grammar: 'swift' },
  { name: 'scala', extensions: ['scala', 'sc', 'sbt'], shebangs: ['scala'], grammar: 'scala' },
  {
    name: 'bash',
    extensions: ['sh', 'bash', 'zsh', 'ksh', 'bats', 'ebuild', 'command'],
    fileNames: ['.bashrc', '.bash_profile', '.bash_aliases', '.profile', '.zshrc', '.zshenv', '.zprofile', 'PKGBUILD'],
    shebangs: ['sh', 'bash', 'zsh', 'dash', 'ksh', 'ash', 'bats'],
    aliases: ['shell', 'sh', 'zsh'],
    grammar: 'bash',
  },
  { name: 'lua', extensions: ['lua', 'rockspec'], shebangs: ['lua', 'luajit'], grammar: 'lua' },
  {
    name: 'elixir',
    extensions: ['ex', 'exs'],
    shebangs: ['elixir'],
    aliases: ['ex'],
    grammar: 'elixir',
  },
  {
    name: 'haskell',
    extensions: ['hs', 'hs-boot', 'hsc'],
    shebangs: ['runhaskell', 'runghc', 'stack'],
    aliases: ['hs'],
    grammar: 'haskell',
  },
  { name: 'zig', extensions: ['zig', 'zon'], grammar: 'zig' },
  { name: 'dart', extensions: ['dart'], shebangs: ['dart'], grammar: 'dart' },
  { name: 'r', extensions: ['r', 'R', 'rprofile'], fileNames: ['.Rprofile'], shebangs: ['Rscript'], grammar: 'r' },
  {
    // Its grammar fails on four files of ten; patterns find more.
    name: 'perl',
    extensions: ['pl', 'pm', 't', 'psgi', 'al'],
    fileNames: ['Makefile.PL', 'cpanfile'],
    shebangs: ['perl'],
    aliases: ['pl'],
  },
  { name: 'elm', extensions: ['elm'], grammar: 'elm' },
  {
    name: 'clojure',
    extensions: ['clj', 'cljs', 'cljc', 'edn', 'bb'],
    shebangs: ['bb', 'clojure'],
    aliases: ['clj'],
    grammar: 'clojure',
  },
  { name: 'solidity', extensions: ['sol'], aliases: ['sol'], grammar: 'solidity' },
  { name: 'terraform', extensions: ['tf', 'tfvars', 'hcl', 'nomad'], aliases: ['hcl', 'tf'], grammar: 'hcl' },
  { name: 'vue', extensions: ['vue'], grammar: 'vue' },
  { name: 'html', extensions: ['html', 'htm', 'xhtml'], aliases: ['htm'], grammar: 'html' },
  { name: 'css', extensions: ['css'], grammar: 'css' },
  { name: 'scss', extensions: ['scss'], grammar: 'scss' },
  {
    name: 'json',
    extensions: ['json', 'jsonc', 'json5', 'webmanifest', 'geojson', 'avsc', 'code-workspace'],
    fileNames: ['.babelrc', '.eslintrc', '.prettierrc', '.swcrc', '.jshintrc'],
    grammar: 'json',
  },
  {
    name: 'yaml',
    extensions: ['yml', 'yaml'],
    fileNames: ['.clang-format', '.clang-tidy', '.clangd'],
    aliases: ['yml'],
    grammar: 'yaml',
  },
  {
    name: 'markdown',
    extensions: ['md', 'markdown', 'mdx', 'mdown', 'mkd', 'qmd', 'rmd'],
    aliases: ['md', 'mdx'],
    grammar: 'markdown',
  },
  {
    name: 'xml',
    extensions: [
      'xml',
      'xsd',
      'xsl',
      'xslt',
      'wsdl',
      'plist',
      'csproj',
      'vbproj',
      'fsproj',
      'props',
      'targets',
      'resx',
      'xaml',
      'storyboard',
      'xib',
      'nuspec',
      'axml',
    ],
    fileNames: ['pom.xml'],
    grammar: 'xml',
  },
  { name: 'nix', extensions: ['nix'], grammar: 'nix' },
  { name: 'gleam', extensions: ['gleam'], grammar: 'gleam' },
  { name: 'gdscript', extensions: ['gd'], aliases: ['godot'], grammar: 'gdscript' },
  { name: 'latex', extensions: ['tex', 'sty', 'cls', 'ltx'], aliases: ['tex'], grammar: 'latex' },
  { name: 'agda', extensions: ['agda', 'lagda'], grammar: 'agda' },
  { name: 'sparql', extensions: ['sparql', 'rq'], grammar: 'sparql' },
  { name: 'properties', extensions: ['properties'], grammar: 'properties' },
  { name: 'talon', extensions: ['talon'], grammar: 'talon' },
  { name: 'tree-sitter-query', extensions: ['scm'], grammar: 'query' },
  { name: 'dtd', extensions: ['dtd', 'ent'], grammar: 'dtd' },

  // Templates parse as the markup around their tags; for the rest symbols/patterns.ts says where definitions begin, or
  // they are cut into line windows.
  { name: 'sql', extensions: ['sql', 'ddl', 'dml', 'pgsql', 'psql', 'plsql', 'tsql'] },
  { name: 'toml', extensions: ['toml'], fileNames: ['Pipfile', 'Cargo.toml'], grammar: 'toml' },
  { name: 'protobuf', extensions: ['proto'], aliases: ['proto'] },
  {
    name: 'dockerfile',
    extensions: ['dockerfile', 'containerfile'],
    fileNames: ['Dockerfile', 'Containerfile'],
    aliases: ['docker'],
  },
  {
    name: 'makefile',
    extensions: ['mk', 'mak', 'make'],
    fileNames: ['Makefile', 'makefile', 'GNUmakefile', 'BSDmakefile', 'Kbuild'],
    shebangs: ['make'],
    aliases: ['make'],
  },
  { name: 'cmake', extensions: ['cmake'], fileNames: ['CMakeLists.txt'] },
  { name: 'just', extensions: ['just'], fileNames: ['justfile', 'Justfile', '.justfile'] },
  {
    name: 'ocaml',
    extensions: ['ml', 'mli', 'mll', 'mly', 'eliom'],
    shebangs: ['ocaml'],
    grammar: 'ocaml',
    // Rules of a lexer or a parser are not OCaml.
    grammarByExtension: { mli: 'ocaml_interface', mll: null, mly: null },
  },
  { name: 'fsharp', extensions: ['fs', 'fsi', 'fsx'], aliases: ['f#'] },
  { name: 'julia', extensions: ['jl'], shebangs: ['julia'], aliases: ['jl'], grammar: 'julia' },
  {
    name: 'objective-c',
    extensions: ['m', 'mm'],
    aliases: ['objc', 'objectivec'],
    grammar: 'objc',
    grammarByExtension: { mm: null },
  },
  { name: 'svelte', extensions: ['svelte'], grammar: 'html' },
  { name: 'astro', extensions: ['astro'], grammar: 'html' },
  {
    name: 'powershell',
    extensions: ['ps1', 'psm1', 'psd1'],
    shebangs: ['pwsh', 'powershell'],
    aliases: ['ps1', 'pwsh'],
  },
  {
    name: 'erlang',
    extensions: ['erl', 'hrl', 'escript'],
    fileNames: ['rebar.config'],
    shebangs: ['escript'],
    aliases: ['erl'],
  },
  {
    name: 'groovy',
    extensions: ['groovy', 'gradle', 'gvy'],
    fileNames: ['Jenkinsfile'],
    shebangs: ['groovy'],
    aliases: ['gradle'],
  },
  { name: 'less', extensions: ['less'], grammar: 'scss' },
  { name: 'sass', extensions: ['sass'] },
  { name: 'stylus', extensions: ['styl'] },
  { name: 'graphql', extensions: ['graphql', 'gql', 'graphqls'], aliases: ['gql'] },
  { name: 'thrift', extensions: ['thrift'] },
  { name: 'vim', extensions: ['vim', 'vimrc'], fileNames: ['.vimrc', 'vimrc'], aliases: ['viml'] },
  { name: 'emacs-lisp', extensions: ['el'], fileNames: ['.emacs'], aliases: ['elisp'] },
  { name: 'common-lisp', extensions: ['lisp', 'lsp', 'cl', 'asd'], shebangs: ['sbcl'], aliases: ['lisp'] },
  { name: 'scheme', extensions: ['ss', 'sld', 'sls'], shebangs: ['guile'] },
  { name: 'racket', extensions: ['rkt', 'rktl'], shebangs: ['racket'] },
  { name: 'fortran', extensions: ['f', 'f77', 'f90', 'f95', 'f03', 'f08', 'for', 'ftn'] },
  { name: 'ada', extensions: ['adb', 'ads', 'ada'] },
  { name: 'pascal', extensions: ['pas', 'pp', 'dpr', 'lpr'], aliases: ['delphi'] },
  { name: 'cobol', extensions: ['cob', 'cbl', 'cpy'] },
  { name: 'd', extensions: ['d', 'di'] },
  { name: 'nim', extensions: ['nim', 'nims', 'nimble'] },
  { name: 'crystal', extensions: ['cr'], shebangs: ['crystal'] },
  { name: 'vala', extensions: ['vala', 'vapi'] },
  { name: 'verilog', extensions: ['v', 'vh', 'sv', 'svh'], aliases: ['systemverilog'] },
  { name: 'vhdl', extensions: ['vhd', 'vhdl'] },
  { name: 'assembly', extensions: ['asm', 's', 'S', 'nasm'], aliases: ['asm'] },
  { name: 'awk', extensions: ['awk'], shebangs: ['awk', 'gawk', 'mawk'] },
  { name: 'tcl', extensions: ['tcl', 'tk'], shebangs: ['tclsh', 'wish', 'expect'] },
  { name: 'fish', extensions: ['fish'], shebangs: ['fish'] },
  { name: 'batch', extensions: ['bat', 'cmd'] },
  { name: 'visual-basic', extensions: ['vb', 'vbs', 'bas'], aliases: ['vb'] },
  { name: 'purescript', extensions: ['purs'] },
  { name: 'idris', extensions: ['idr'] },
  { name: 'lean', extensions: ['lean'] },
  { name: 'coq', extensions: ['coq'] },
  { name: 'rescript', extensions: ['res', 'resi'] },
  { name: 'reason', extensions: ['re', 'rei'] },
  { name: 'cuda', extensions: ['ptx'] },
  { name: 'glsl', extensions: ['glsl', 'vert', 'frag', 'geom', 'comp', 'tesc', 'tese'] },
  { name: 'hlsl', extensions: ['hlsl', 'fx'] },
  { name: 'wgsl', extensions: ['wgsl'] },
  { name: 'webassembly', extensions: ['wat', 'wast'] },
  { name: 'starlark', extensions: ['star', 'sky'], grammar: 'python' },
  { name: 'jsonnet', extensions: ['jsonnet', 'libsonnet'] },
  { name: 'cue', extensions: ['cue'] },
  { name: 'dhall', extensions: ['dhall'] },
  { name: 'rego', extensions: ['rego'] },
  { name: 'bicep', extensions: ['bicep'] },
  { name: 'prisma', extensions: ['prisma'] },
  { name: 'handlebars', extensions: ['hbs', 'handlebars', 'mustache'], grammar: 'html' },
  { name: 'jinja', extensions: ['j2', 'jinja', 'jinja2'], grammar: 'html' },
  { name: 'liquid', extensions: ['liquid'], grammar: 'html' },
  { name: 'erb', extensions: ['erb', 'rhtml'], grammar: 'html' },
  { name: 'ejs', extensions: ['ejs'], grammar: 'html' },
  { name: 'pug', extensions: ['pug', 'jade'] },
  { name: 'haml', extensions: ['haml'] },
  { name: 'slim', extensions: ['slim'] },
  { name: 'twig', extensions: ['twig'], grammar: 'html' },
  { name: 'restructuredtext', extensions: ['rst'], aliases: ['rst'] },
  { name: 'asciidoc', extensions: ['adoc', 'asciidoc', 'asc'] },
  { name: 'org', extensions: ['org'] },
  {
    name: 'text',
    extensions: ['txt', 'text'],
    fileNames: ['README', 'LICENSE', 'COPYING', 'NOTICE', 'AUTHORS', 'CHANGELOG', 'CHANGES', 'NEWS', 'TODO', 'INSTALL'],
  },
  {
    name: 'ini',
    extensions: ['ini', 'cfg', 'conf', 'desktop', 'editorconfig'],
    fileNames: ['.editorconfig', '.gitconfig', '.npmrc', '.pylintrc', 'setup.cfg', 'tox.ini'],
  },
  {
    name: 'ignore',
    extensions: ['gitignore', 'dockerignore', 'npmignore'],
    fileNames: ['.gitignore', '.dockerignore', '.npmignore', '.gitattributes', '.codebaseignore', 'CODEOWNERS'],
  },
  { name: 'nginx', extensions: ['nginx', 'vhost'], fileNames: ['nginx.conf'] },
  { name: 'csv', extensions: ['csv', 'tsv'] },
  { name: 'diff', extensions: ['diff', 'patch'] },
  { name: 'matlab', extensions: ['mlx'] },
  { name: 'apex', extensions: ['apex', 'trigger'] },
  { name: 'haxe', extensions: ['hx'] },
  { name: 'move', extensions: ['move'] },
  { name: 'cairo', extensions: ['cairo'] },
  { name: 'vyper', extensions: ['vy'] },
  { name: 'mojo', extensions: ['mojo', '🔥'] },
  { name: 'odin', extensions: ['odin'] },
  { name: 'wit', extensions: ['wit'] },
  { name: 'capnp', extensions: ['capnp'], aliases: ['capnproto'] },
  { name: 'meson', extensions: [], fileNames: ['meson.build', 'meson_options.txt'] },
  { name: 'go-mod', extensions: [], fileNames: ['go.mod', 'go.work'] },
  { name: 'smalltalk', extensions: ['st'] },
  { name: 'prolog', extensions: ['pro', 'prolog'] },
  { name: 'applescript', extensions: ['applescript', 'scpt'] },
  { name: 'autohotkey', extensions: ['ahk'] },
  { name: 'qml', extensions: ['qml'] },
  { name: 'textproto', extensions: ['textproto', 'pbtxt', 'prototxt'] },
];

const byName = new Map<string, Language>();
const byExtension = new Map<string, Language>();
const byFileName = new Map<string, Language>();
const byShebang = new Map<string, Language>();
for (const language of LANGUAGES) {
  for (const name of [language.name, ...(language.aliases ?? [])]) byName.set(name, language);
  for (const extension of language.extensions) byExtension.set(extension, language);
  for (const name of language.fileNames ?? []) byFileName.set(name, language);
  for (const name of language.shebangs ?? []) byShebang.set(name, language);
}

/** Name in LANGUAGES of a file, from its path and, where that says nothing, the `#!` of its first line; null if unknown. */
export function languageOf(path: string, firstLine?: string): string | null {
  return findLanguage(path, firstLine)?.name ?? null;
}

/** The language that a person means by a name or alias (`ts`, `C++`, `golang`), in any case; null if unknown. */
export function languageNamed(name: string): Language | null {
  return byName.get(name.toLowerCase()) ?? null;
}

/** Grammar to parse a file with; null when its language has none. */
export function grammarOf(path: string, firstLine?: string): string | null {
  const language = findLanguage(path, firstLine);
  const special = language?.grammarByExtension?.[extensionOf(fileNameOf(path)).toLowerCase()];
  return special === undefined ? (language?.grammar ?? null) : special;
}

function findLanguage(path: string, firstLine: string | undefined): Language | undefined {
  const name = fileNameOf(path);
  const extension = extensionOf(name);
  return (
    byFileName.get(name) ??
    byExtension.get(extension) ??
    byExtension.get(extension.toLowerCase()) ??
    // Dockerfile.web, Makefile.am, Jenkinsfile.release
    byFileName.get(name.slice(0, Math.max(0, name.indexOf('.')))) ??
    byInterpreter(firstLine)
  );
}

function byInterpreter(firstLine: string | undefined): Language | undefined {
  if (!firstLine?.startsWith('#!')) return undefined;
  const words = firstLine.slice(2).trim().split(/\s+/);
  const program = /(^|\/)env$/.test(words[0] ?? '') ? words.find((word, i) => i > 0 && !/^-|=/.test(word)) : words[0];
  const name = fileNameOf(program ?? '').replace(/[\d.]+$/, '');
  return byShebang.get(name);
}

function fileNameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot > 0 ? name.slice(dot + 1) : '';
}
