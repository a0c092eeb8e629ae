// Source text that looks like source text: functions over a vocabulary, in four languages.
import type { Random } from './random.js';

const VERBS = [
  'parse',
  'load',
  'store',
  'merge',
  'resolve',
  'encode',
  'flush',
  'retry',
  'validate',
  'schedule',
  'render',
  'index',
];
const NOUNS = [
  'Token',
  'Session',
  'Buffer',
  'Invoice',
  'Packet',
  'Schema',
  'Cursor',
  'Shard',
  'Report',
  'Queue',
  'Account',
  'Route',
];
const FIELDS = ['id', 'size', 'offset', 'owner', 'status', 'limit', 'created_at', 'checksum', 'retries', 'parent'];
const REMARKS = [
  'keeps order',
  'may be empty',
  'never blocks',
  'O(n log n)',
  'naïve but fast',
  '先に検証する',
  'see RFC 3339',
  "don't cache",
];

interface Style {
  readonly language: string;
  readonly extension: string;
  readonly open: (name: string, argument: string) => string;
  readonly line: (field: string, call: string, n: number) => string;
  readonly comment: (text: string) => string;
  readonly close: string;
}

const STYLES: readonly Style[] = [
  {
    language: 'typescript',
    extension: 'ts',
    open: (name, argument) => `export function ${name}(${argument}: ${cap(argument)}): boolean {`,
    line: (field, call, n) => `  if (input.${field} > ${n}) return ${call}(input, "${field}\\t${n}");`,
    comment: (text) => `  // ${text}`,
    close: '  return true;\n}',
  },
  {
    language: 'python',
    extension: 'py',
    open: (name, argument) => `def ${name}(${argument}):`,
    line: (field, call, n) => `    ${argument(field)} = ${call}(self.${field}, limit=${n})`,
    comment: (text) => `    # ${text}`,
    close: '    return None',
  },
  {
    language: 'go',
    extension: 'go',
    open: (name, argument) => `func ${name}(${argument} *${cap(argument)}) error {`,
    line: (field, call, n) => `\tif err := ${call}(ctx, "${field}", ${n}); err != nil {\n\t\treturn err\n\t}`,
    comment: (text) => `\t// ${text}`,
    close: '\treturn nil\n}',
  },
  {
    language: 'rust',
    extension: 'rs',
    open: (name, argument) => `pub fn ${name}(${argument}: &${cap(argument)}) -> Result<()> {`,
    line: (field, call, n) => `    ${call}(${argument(field)}.${field}, ${n})?;`,
    comment: (text) => `    // ${text}`,
    close: '    Ok(())\n}',
  },
];

export interface SourceChunk {
  readonly symbol: string;
  readonly text: string;
  readonly lines: number;
}

export type SourceStyle = Pick<Style, 'language' | 'extension'>;

export function sourceStyle(random: Random): SourceStyle {
  return random.pick(STYLES);
}

/** A function of 5 to about 40 lines. */
export function sourceChunk(random: Random, { language }: SourceStyle): SourceChunk {
  const style = STYLES.find((candidate) => candidate.language === language) ?? random.pick(STYLES);
  const symbol = `${random.pick(VERBS)}${random.pick(NOUNS)}${random.below(1000)}`;
  const lines = [style.open(symbol, random.pick(NOUNS).toLowerCase())];
  for (let n = 3 + random.below(18); n > 0; n--) {
    const call = random.pick(VERBS) + random.pick(NOUNS);
    lines.push(
      random.chance(0.1)
        ? style.comment(random.pick(REMARKS))
        : style.line(random.pick(FIELDS), call, random.below(4096)),
    );
  }
  lines.push(style.close);
  const text = lines.join('\n');
  return { symbol, text, lines: text.split('\n').length };
}

export function fileName(random: Random, { extension }: SourceStyle, place: number): string {
  const folder = ['src', 'lib', 'internal/core', 'tests', 'cmd/tool'][random.below(5)] ?? 'src';
  return `${folder}/${random.pick(VERBS)}_${random.pick(NOUNS).toLowerCase()}_${place}.${extension}`;
}

function cap(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function argument(field: string): string {
  return field.split('_')[0] ?? field;
}
