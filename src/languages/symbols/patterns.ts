// Where definitions begin in languages without a grammar: patterns for one line, the name in the group `name`. The kind is
// the group `kind`, where there is one.

export interface LinePattern {
  readonly kind: string;
  readonly line: RegExp;
}

const LISP: readonly LinePattern[] = [
  {
    kind: 'function',
    line: /^\(\s*(?:cl-)?def(?:un|macro|subst|method|generic|ine|ine-syntax|ine-minor-mode|advice)\*?\s+\(?(?<name>[^\s()]+)/,
  },
  { kind: 'variable', line: /^\(\s*def(?:var|custom|const|parameter|group|face)\s+(?<name>[^\s()]+)/ },
  { kind: 'type', line: /^\(\s*(?:cl-)?(?:def(?:class|struct|type)|struct|define-record-type)\s+\(?(?<name>[^\s()]+)/ },
];

const ML: readonly LinePattern[] = [
  {
    kind: 'function',
    line: /^(?:let(?:\s+rec|\s+inline)?|and|val|external)\s+(?:inline\s+|mutable\s+)?(?<name>[a-z_][\w']*)/,
  },
  { kind: 'module', line: /^\s*module\s+(?:type\s+|rec\s+)?(?<name>[A-Z][\w.]*)/ },
  { kind: 'type', line: /^\s*(?:type|exception)\s+(?:nonrec\s+)?(?:\([^)]*\)\s*|'\w+\s+)?(?<name>\w+)/ },
  { kind: 'class', line: /^\s*class\s+(?:virtual\s+)?(?<name>\w+)/ },
  { kind: 'method', line: /^\s*(?:static\s+|abstract\s+|override\s+|default\s+)*member\s+(?:\w+\.)?(?<name>\w+)/ },
];

const SHADER: readonly LinePattern[] = [
  { kind: 'struct', line: /^\s*struct\s+(?<name>\w+)/ },
  { kind: 'function', line: /^(?:fn\s+|[\w<>]+\s+)(?<name>\w+)\s*\([^;]*$/ },
];

const HEADINGS = (mark: RegExp): readonly LinePattern[] => [{ kind: 'section', line: mark }];

export const LINE_PATTERNS: Readonly<Record<string, readonly LinePattern[]>> = {
  perl: [
    { kind: 'function', line: /^\s*sub\s+(?<name>[\w:']+)/ },
    { kind: 'package', line: /^\s*package\s+(?<name>[\w:]+)/ },
    { kind: 'section', line: /^=head[1-4]\s+(?<name>.+)/ },
  ],
  sql: [
    {
      kind: 'table',
      line: /^\s*create\s+(?:or\s+replace\s+)?(?:(?:global|local|temp|temporary|unlogged|materialized|recursive|unique|virtual|foreign)\s+)*(?<kind>table|view|function|procedure|trigger|index|type|sequence|policy|domain|aggregate)\s+(?:concurrently\s+)?(?:if\s+not\s+exists\s+)?(?<name>[\w."`[\]$]+)/i,
    },
    { kind: 'statement', line: /^\s*alter\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?(?<name>[\w."`[\]$]+)/i },
  ],
  protobuf: [{ kind: 'message', line: /^\s*(?<kind>message|enum|service|rpc|extend)\s+(?<name>[\w.]+)/ }],
  thrift: [{ kind: 'struct', line: /^\s*(?<kind>struct|service|enum|exception|union)\s+(?<name>\w+)/ }],
  capnp: [{ kind: 'struct', line: /^\s*(?<kind>struct|interface|enum)\s+(?<name>\w+)/ }],
  graphql: [
    {
      kind: 'type',
      line: /^\s*(?:extend\s+)?(?<kind>type|input|enum|interface|union|scalar|directive|query|mutation|subscription|fragment)\s+@?(?<name>\w+)/,
    },
  ],
  prisma: [{ kind: 'model', line: /^\s*(?<kind>model|enum|type|view|datasource|generator)\s+(?<name>\w+)/ }],
  dockerfile: [{ kind: 'stage', line: /^from\s+(?<name>.+)/i }],
  makefile: [{ kind: 'target', line: /^(?<name>[\w./%$(){}-]+(?:\s+[\w./%$(){}-]+)*)\s*::?(?!=)/ }],
  just: [{ kind: 'target', line: /^@?(?<name>[\w-]+)(?:\s[^:=]*)?:(?!=)/ }],
  cmake: [
    { kind: 'function', line: /^\s*(?:function|macro)\s*\(\s*(?<name>\w+)/i },
    { kind: 'target', line: /^\s*add_(?:library|executable|custom_target)\s*\(\s*(?<name>[\w${}:-]+)/i },
  ],
  toml: [{ kind: 'section', line: /^\s*\[\[?(?<name>[^\]]+)\]/ }],
  ini: [{ kind: 'section', line: /^\s*\[(?<name>[^\]]+)\]/ }],
  ocaml: ML,
  fsharp: ML,
  rescript: ML,
  reason: ML,
  julia: [
    { kind: 'function', line: /^\s*(?:@\w+\s+)?function\s+(?<name>[\w.!]+)/ },
    { kind: 'function', line: /^(?<name>[A-Za-z_][\w.!]*)\([^)]*\)(?:::\S+)?(?:\s+where\s.*)?\s*=[^=]/ },
    { kind: 'struct', line: /^\s*(?:mutable\s+)?struct\s+(?<name>\w+)/ },
    { kind: 'type', line: /^\s*(?:abstract|primitive)\s+type\s+(?<name>\w+)/ },
    { kind: 'macro', line: /^\s*macro\s+(?<name>\w+)/ },
    { kind: 'module', line: /^\s*module\s+(?<name>\w+)/ },
  ],
  'objective-c': [
    { kind: 'class', line: /^@(?:interface|implementation)\s+(?<name>\w+)/ },
    { kind: 'protocol', line: /^@protocol\s+(?<name>\w+)\s*(?:<|$)/ },
    { kind: 'method', line: /^[-+]\s*\([^)]*\)\s*(?<name>\w+)/ },
    { kind: 'function', line: /^(?:static\s+|inline\s+|extern\s+)*[A-Za-z_][\w*]*\s+\**(?<name>\w+)\([^;]*$/ },
  ],
  powershell: [
    { kind: 'function', line: /^\s*(?:function|filter)\s+(?:\w+:)?(?<name>[\w-]+)/i },
    { kind: 'class', line: /^\s*(?<kind>class|enum)\s+(?<name>\w+)/i },
  ],
  erlang: [
    { kind: 'function', line: /^(?<name>[a-z]\w*)\(.*(?:->|,$|\)$|\bwhen\b)/ },
    { kind: 'record', line: /^-record\(\s*(?<name>\w+)/ },
    { kind: 'type', line: /^-(?:type|opaque)\s+(?<name>\w+)/ },
    { kind: 'module', line: /^-module\(\s*(?<name>\w+)/ },
  ],
  groovy: [
    {
      kind: 'class',
      line: /^\s*(?:(?:public|private|protected|abstract|final|static)\s+)*(?<kind>class|interface|trait|enum)\s+(?<name>\w+)/,
    },
    {
      kind: 'function',
      line: /^\s*(?:(?:public|private|protected|static|final)\s+)*(?:def|void|[A-Z]\w*(?:<[^>]*>)?)\s+(?<name>\w+)\s*\([^;]*\{\s*$/,
    },
    { kind: 'block', line: /^(?:task\s+)?(?<name>[a-zA-Z][\w.]*)\s*(?:\([^)]*\)\s*)?\{\s*$/ },
    { kind: 'block', line: /^\s*(?<name>stage\s*\([^)]*\))\s*\{/ },
  ],
  vim: [{ kind: 'function', line: /^\s*fu(?:n|nc|nct|ncti|nctio|nction)?!?\s+(?<name>[\w:#.<>]+)/ }],
  'emacs-lisp': LISP,
  'common-lisp': LISP,
  scheme: LISP,
  racket: LISP,
  fortran: [
    {
      kind: 'function',
      line: /^\s*(?:(?:pure|elemental|recursive|integer|real|logical|complex)(?:\([^)]*\))?\s+)*(?<kind>subroutine|function|program)\s+(?<name>\w+)/i,
    },
    { kind: 'module', line: /^\s*module\s+(?!procedure\b)(?<name>\w+)/i },
  ],
  tcl: [{ kind: 'function', line: /^\s*proc\s+(?<name>\S+)/ }],
  awk: [{ kind: 'function', line: /^\s*function\s+(?<name>\w+)/ }],
  fish: [{ kind: 'function', line: /^\s*function\s+(?<name>[\w-]+)/ }],
  batch: [{ kind: 'label', line: /^:(?<name>\w[\w-]*)/ }],
  nim: [{ kind: 'function', line: /^\s*(?<kind>proc|func|method|template|macro|iterator)\s+`?(?<name>[\w=]+)/ }],
  crystal: [
    { kind: 'class', line: /^\s*(?:private\s+|abstract\s+)*(?<kind>class|module|struct|enum|lib)\s+(?<name>[\w:]+)/ },
    {
      kind: 'method',
      line: /^\s*(?:private\s+|protected\s+|abstract\s+)*(?:def|macro)\s+(?:self\.)?(?<name>[\w?!=]+)/,
    },
  ],
  verilog: [
    {
      kind: 'module',
      line: /^\s*(?:virtual\s+|static\s+|automatic\s+)*(?<kind>module|interface|package|class|program|task)\s+(?:automatic\s+)?(?<name>\w+)/,
    },
  ],
  vhdl: [
    {
      kind: 'entity',
      line: /^\s*(?<kind>entity|architecture|package|component|function|procedure)\s+(?:body\s+)?(?<name>\w+)/i,
    },
  ],
  assembly: [{ kind: 'label', line: /^(?<name>[A-Za-z_$][\w.$]*):/ }],
  pascal: [
    {
      kind: 'function',
      line: /^\s*(?:class\s+)?(?<kind>procedure|function|constructor|destructor)\s+(?<name>[\w.]+)/i,
    },
  ],
  ada: [{ kind: 'function', line: /^\s*(?<kind>procedure|function|package|task)\s+(?:body\s+)?(?<name>[\w.]+)/i }],
  'visual-basic': [
    {
      kind: 'function',
      line: /^\s*(?:(?:public|private|protected|friend|shared|overrides|overridable|async|partial)\s+)*(?<kind>sub|function|class|module|structure|interface|enum|property)\s+(?<name>\w+)/i,
    },
  ],
  lean: [
    {
      kind: 'function',
      line: /^\s*(?:@\[[^\]]*\]\s*)?(?:private\s+|protected\s+|noncomputable\s+|partial\s+)*(?<kind>theorem|lemma|def|structure|inductive|class|abbrev)\s+(?<name>\S+)/,
    },
  ],
  purescript: [
    { kind: 'function', line: /^(?<name>[a-z][\w']*)\s+::/ },
    { kind: 'type', line: /^(?<kind>data|newtype|type|class)\s+(?<name>[A-Z]\w*)/ },
  ],
  idris: [
    { kind: 'function', line: /^(?:export\s+|public\s+export\s+)?(?<name>[a-z][\w']*)\s+:\s/ },
    { kind: 'type', line: /^\s*(?<kind>data|record|interface)\s+(?<name>[A-Z]\w*)/ },
  ],
  glsl: SHADER,
  hlsl: SHADER,
  wgsl: SHADER,
  nginx: [{ kind: 'block', line: /^\s*(?<name>(?:server|upstream|location|http)\b[^{]*)\{/ }],
  apex: [
    {
      kind: 'class',
      line: /^\s*(?:(?:public|private|global|virtual|abstract|with sharing|without sharing)\s+)*(?<kind>class|interface|enum|trigger)\s+(?<name>\w+)/i,
    },
  ],
  move: [
    { kind: 'function', line: /^\s*(?:public(?:\([^)]*\))?\s+|entry\s+)*(?<kind>fun|struct|module)\s+(?<name>[\w:]+)/ },
  ],
  cairo: [{ kind: 'function', line: /^\s*(?:pub\s+)?(?<kind>fn|struct|trait|mod|enum)\s+(?<name>\w+)/ }],
  vyper: [{ kind: 'function', line: /^\s*(?<kind>def|struct|event|interface)\s+(?<name>\w+)/ }],
  bicep: [{ kind: 'resource', line: /^(?<kind>resource|module|param|output|var)\s+(?<name>\w+)/ }],
  rego: [{ kind: 'rule', line: /^(?<name>[a-z_]\w*)\b[^#]*(?::=|=|\{|\bif\b)/ }],
  asciidoc: HEADINGS(/^={1,6}\s+(?<name>.+)/),
  org: HEADINGS(/^\*+\s+(?<name>.+)/),
};
