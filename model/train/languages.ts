// What the miner knows of each language: how comments are written and how a block of code ends.

export interface Syntax {
  readonly name: string;
  readonly line: string | undefined;
  /** Opening and closing marks of comments that start a line. */
  readonly block: readonly (readonly [string, string])[];
  /** `indent`: a block ends where the indentation returns; `blank`: at the next empty line. */
  readonly end: 'indent' | 'blank';
}

const C_BLOCKS = [['/*', '*/']] as const;
const ELIXIR_BLOCKS = [
  ['@moduledoc """', '"""'],
  ['@moduledoc ~S"""', '"""'],
  ['@doc """', '"""'],
  ['@doc ~S"""', '"""'],
  ['@typedoc """', '"""'],
] as const;

function language(
  name: string,
  line: string | undefined,
  block: Syntax['block'],
  end: Syntax['end'] = 'indent',
): Syntax {
  return { name, line, block, end };
}

/** Language and the extensions of its files. */
const ROWS: readonly (readonly [Syntax, string])[] = [
  [language('typescript', '//', C_BLOCKS), 'ts tsx mts cts'],
  [language('javascript', '//', C_BLOCKS), 'js jsx mjs cjs svelte vue'],
  [language('java', '//', C_BLOCKS), 'java groovy'],
  [language('kotlin', '//', C_BLOCKS), 'kt kts'],
  [language('scala', '//', C_BLOCKS), 'scala'],
  [language('swift', '//', C_BLOCKS), 'swift'],
  [language('csharp', '//', C_BLOCKS), 'cs'],
  [language('go', '//', C_BLOCKS), 'go'],
  [language('rust', '//', C_BLOCKS), 'rs'],
  [language('php', '//', C_BLOCKS), 'php inc'],
  [language('c', '//', C_BLOCKS), 'c h m'],
  [language('cpp', '//', C_BLOCKS), 'cc cpp cxx hpp hh hxx mm'],
  [language('python', '#', []), 'py pyi pyx'],
  [language('ruby', '#', [['=begin', '=end']]), 'rb rake'],
  [language('elixir', '#', ELIXIR_BLOCKS), 'ex exs'],
  [language('shell', '#', []), 'sh bash zsh'],
  [language('perl', '#', []), 'pl pm'],
  [
    language('lua', '--', [
      ['--[[', ']]'],
      ['--[=[', ']=]'],
    ]),
    'lua luau',
  ],
  [language('haskell', '--', [['{-', '-}']], 'blank'), 'hs'],
  [language('erlang', '%', []), 'erl hrl'],
  [language('ocaml', undefined, [['(*', '*)']], 'blank'), 'ml mli'],
];

const BY_EXTENSION = new Map(
  ROWS.flatMap(([syntax, extensions]) => extensions.split(' ').map((e) => [e, syntax] as const)),
);

export const EXTENSIONS: readonly string[] = [...BY_EXTENSION.keys()];

export function syntaxOf(path: string): Syntax | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return dot < 0 ? undefined : BY_EXTENSION.get(name.slice(dot + 1).toLowerCase());
}
