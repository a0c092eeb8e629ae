// One file → (description, code) pairs. Each miner looks for one kind of description that its author wrote beside the code.
import { declarationEnd, enclosingHeader, paragraphEnd } from './blocks.js';
import { type Comment, findComments, indentOf } from './comments.js';
import { describe } from './describe.js';
import type { Syntax } from './languages.js';
import { anyName, declaredName, nameWords, pathWords } from './names.js';
import { spread } from './spread.js';

export const KINDS = ['doc', 'inline', 'file', 'part', 'path', 'name', 'test', 'error', 'readme'] as const;
export type Kind = (typeof KINDS)[number];

export interface Pair {
  readonly kind: Kind;
  readonly language: string;
  readonly path: string;
  /** What a person would ask, in one sentence and in full. */
  readonly query: string;
  readonly full: string;
  /** Words of the declared name, which the query may be asked to do without. */
  readonly name: string;
  readonly code: string;
}

export interface SourceFile {
  readonly path: string;
  readonly lines: readonly string[];
  readonly syntax: Syntax;
}

type Found = Pick<Pair, 'kind' | 'query' | 'code'> & Partial<Pick<Pair, 'full' | 'name'>>;

const MAX_CODE = 1600;
const DECLARATION_LINES = 45;
const INLINE_LINES = 18;
const HEAD_LINES = 60;
const PART_LINES = 40;
const MIN_BODY_LINES = 4;
const MESSAGE =
  /\b(?:throw|raise|panic!?|err\w*|Err\w*|\w*Error|\w*Exception|fail\w*|fatal\w*|bail!|anyhow!|abort|log\w*|warn\w*|assert\w*|reject\w*|invariant)\b[^"'`]*(["'`])([A-Za-z][^"'`\n]{14,140})\1/;
const TEST_TITLE =
  /^\s*(?:it|test|describe|specify|context|scenario|should|t\.Run|TEST_CASE|SECTION|feature|QUnit\.test|Deno\.test)(?:\.\w+)?\s*\(?\s*(["'`])([A-Za-z][^"'`\n]{9,140})\1/;
const TEST_NAME =
  /^\s*(?:pub |public |async |export )*(?:def|fn|func|fun|void|function)\s+(?:\([^)]*\)\s*)?[tT]est_?(\w{8,})/;

export function minePairs(file: SourceFile): Pair[] {
  const comments = findComments(file.lines, file.syntax);
  const found = [
    ...fromComments(file, comments),
    ...fromFile(file, comments),
    ...fromNames(file),
    ...fromTests(file),
    ...fromMessages(file),
  ];
  return found
    .map(({ kind, query, full, name, code }) => ({
      ...{ kind, language: file.syntax.name, path: file.path, query, full: full ?? query, name: name ?? '' },
      code: code.slice(0, MAX_CODE),
    }))
    .filter(({ code }) => (code.match(/[A-Za-z]{2,}/g) ?? []).length >= 5);
}

function fromComments(file: SourceFile, comments: readonly Comment[]): Found[] {
  return comments.flatMap((comment): Found[] => {
    const { lines, syntax } = file;
    const start = comment.owner ?? comment.end + 1;
    if (start >= lines.length || (lines[start] ?? '').trim() === '') return [];
    const description = describe(comment.text);
    if (description === undefined) return [];
    const { short: query, full } = description;
    const end = declarationEnd(lines, start, syntax, DECLARATION_LINES);
    const name = anyName(lines.slice(start, start + 4));
    const isDeclaration =
      comment.owner !== undefined ||
      comment.indent === 0 ||
      end - start > 2 ||
      /^\s*\/\*\*/.test(lines[comment.start] ?? '');
    if (!isDeclaration || name === '') return [{ kind: 'inline', query, full, code: inlineBlock(lines, start) }];
    const header = enclosingHeader(lines, start);
    return [
      { kind: 'doc', query, full, name: nameWords(name), code: `${header}\n${without(lines, start, end, comment)}` },
    ];
  });
}

function inlineBlock(lines: readonly string[], start: number): string {
  const end = paragraphEnd(lines, start, indentOf(lines[start] ?? ''), start + INLINE_LINES);
  return lines.slice(start, Math.max(end, Math.min(start + 3, lines.length))).join('\n');
}

/** Lines without those of the comment, which would give the answer away. */
function without(lines: readonly string[], start: number, end: number, comment: Comment): string {
  return lines
    .slice(start, end)
    .filter((_, i) => start + i < comment.start || start + i > comment.end)
    .join('\n');
}

/** Descriptions of the whole file, of its first class, and its path: each with the head or another part of the file. */
function fromFile({ path, lines }: SourceFile, comments: readonly Comment[]): Found[] {
  if (lines.length < 12) return [];
  const words = pathWords(path);
  const found: Found[] = [
    {
      kind: 'path',
      query: words,
      code: part(lines, lines.length > 80 ? spread(path, 2) * 30 : afterLicence(comments), HEAD_LINES),
    },
  ];
  const head = comments.find(
    ({ start, indent, text }) => start < HEAD_LINES && indent === 0 && describe(text) !== undefined,
  );
  const description = head === undefined ? undefined : describe(head.text);
  if (head === undefined || description === undefined) return found;
  const { short: query, full } = description;
  found.push({ kind: 'file', query, full, name: words, code: part(lines, head.end + 1, HEAD_LINES) });
  for (let from = head.end + 30, n = 0; n < 2 && from + 20 < lines.length; n++) {
    const at = from + spread(`${path}${n}`, Math.max(1, lines.length - from - 20));
    found.push({ kind: 'part', query, full, name: words, code: part(lines, at, PART_LINES) });
    from = from + 60;
  }
  return found;
}

function afterLicence(comments: readonly Comment[]): number {
  const first = comments[0];
  return first !== undefined && first.start < 3 && describe(first.text) === undefined ? first.end + 1 : 0;
}

function part(lines: readonly string[], from: number, count: number): string {
  return lines.slice(from, from + count).join('\n');
}

function fromNames({ lines, syntax }: SourceFile): Found[] {
  const found: Found[] = [];
  for (let at = 0; at < lines.length; at++) {
    const name = declaredName(lines[at] ?? '');
    if (name.length < 4) continue;
    const end = declarationEnd(lines, at, syntax, DECLARATION_LINES);
    if (end - at >= MIN_BODY_LINES)
      found.push({ kind: 'name', query: nameWords(name), code: part(lines, at + 1, end - at - 1) });
  }
  return found.filter(({ query }) => query.includes(' '));
}

function fromTests({ lines, syntax }: SourceFile): Found[] {
  return lines.flatMap((line, at) => {
    const title = TEST_TITLE.exec(line)?.[2] ?? nameWords(TEST_NAME.exec(line)?.[1] ?? '');
    if (!title.includes(' ')) return [];
    const end = declarationEnd(lines, at, syntax, DECLARATION_LINES);
    if (end - at < 3) return [];
    return [{ kind: 'test' as const, query: title, code: part(lines, at + 1, end - at - 1) }];
  });
}

/** An error message, with the code that leads to it. */
function fromMessages({ lines }: SourceFile): Found[] {
  return lines.flatMap((line, at) => {
    const message = MESSAGE.exec(line)?.[2];
    if (message === undefined) return [];
    const query = message
      .replace(/\$?\{[^}]*\}?|%[\w.]+|\\[nt"]/g, ' ')
      .replace(/\s+/g, ' ')
      .trim();
    if (query.split(' ').length < 4) return [];
    const around = [
      ...lines.slice(Math.max(0, at - 12), at),
      line.replace(message, ''),
      ...lines.slice(at + 1, at + 4),
    ];
    return [{ kind: 'error' as const, query, code: around.join('\n') }];
  });
}

/** A heading or sentence of a guide, with the code below it. */
export function mineGuide(path: string, text: string): Pair[] {
  const found: Pair[] = [];
  const blocks = /(?:^|\n)([^\n`]{12,400})\n\s*\n?\s*```(\w+)[^\n]*\n([\s\S]*?)```/g;
  for (const [, above = '', language = '', code = ''] of text.matchAll(blocks)) {
    const description = describe(
      above
        .replace(/^[#>*\s-]+/, '')
        .replace(/:\s*$/, '')
        .replace(/[*_`]/g, ''),
    );
    if (description === undefined || code.split('\n').length < 3) continue;
    const { short: query, full } = description;
    found.push({ kind: 'readme', language, path, query, full, name: '', code: code.slice(0, MAX_CODE) });
  }
  return found;
}
