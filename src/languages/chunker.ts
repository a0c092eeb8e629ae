// Text → chunks, the whole way: language, grammar, outline, split, merge; line windows where any of these fails.

import { grammarOf, languageOf } from './catalog.js';
import type { Chunk, ChunkedFile } from './chunk.js';
import { openGrammars } from './grammars.js';
import { lineOutline } from './line-outline.js';
import { type LineRange, type Lines, linesOf, lineWindows } from './lines.js';
import { isDefinition, mainSymbol, mergeUnits } from './merge.js';
import { type CodeSymbol, type Outline, Outliner } from './outline.js';
import { splitUnits } from './split.js';
import { LINE_PATTERNS } from './symbols/patterns.js';

/** Raised when the same text would be cut differently or its symbols be named differently: the index is then renewed. */
export const CHUNKER_VERSION = 2;

/** A longer line is cut off in the chunk's text; such lines hold data. */
export const MAX_LINE_LENGTH = 6000;

/** More of a text than this that the grammar cannot parse, and no symbol found in the rest: it is not in that language. */
const MAX_ERRORS = 0.3;

export interface Chunker {
  /** Path decides the language; text is the whole file. Never throws. */
  chunk(path: string, text: string): ChunkedFile;
}

/** Takes a moment (the parser is compiled); grammars are loaded when first needed. */
export async function createChunker(): Promise<Chunker> {
  const outliner = new Outliner(await openGrammars());
  return { chunk: (path, text) => chunkFile(outliner, path, text) };
}

function chunkFile(outliner: Outliner, path: string, text: string): ChunkedFile {
  const lines = linesOf(text);
  const firstLine = text.slice(0, lines.start(1));
  const language = languageOf(path, firstLine);
  const grammar = grammarOf(path, firstLine);
  const outline = grammar === null ? patternOutline(language, lines) : syntaxOutline(outliner, grammar, lines);
  if (typeof outline === 'string') return { language, mode: outline, chunks: windowChunks(lines) };
  return { language, mode: grammar === null ? 'patterns' : 'syntax', chunks: outlineChunks(lines, outline) };
}

function patternOutline(language: string | null, lines: Lines): Outline | 'no-grammar' {
  const patterns = language === null ? undefined : LINE_PATTERNS[language];
  return (patterns && lineOutline(lines, patterns)) ?? 'no-grammar';
}

function syntaxOutline(
  outliner: Outliner,
  grammar: string,
  lines: Lines,
): Outline | Exclude<ChunkedFile['mode'], 'syntax' | 'patterns'> {
  if (hasLongLines(lines)) return 'long-lines';
  const outline = outliner.outline(grammar, lines);
  if (typeof outline === 'string') return outline;
  return outline.errors > MAX_ERRORS && outline.symbols.length === 0 ? 'parse-failed' : outline;
}

/** Lines so long on average that the text was not written by hand. */
function hasLongLines(lines: Lines): boolean {
  return lines.text.length > 5000 && lines.text.length / lines.count > 1000;
}

function windowChunks(lines: Lines): Chunk[] {
  return lineWindows(lines, { first: 0, last: lines.count - 1 }).map((range) => chunkOf(lines, range, null, []));
}

function outlineChunks(lines: Lines, outline: Outline): Chunk[] {
  const chunks: Chunk[] = [];
  let next = 0;
  for (const piece of mergeUnits(splitUnits(lines, outline.nodes))) {
    const range = { first: piece.units[0]?.first ?? 0, last: piece.units.at(-1)?.last ?? 0 };
    const definitions = new Set<string>();
    for (
      let symbol = outline.symbols[next];
      symbol && symbol.firstLine <= range.last;
      symbol = outline.symbols[++next]
    ) {
      if (isDefinition(symbol)) definitions.add(symbol.name);
    }
    chunks.push(chunkOf(lines, range, mainSymbol(piece), [...definitions]));
  }
  return chunks;
}

function chunkOf(
  lines: Lines,
  { first, last }: LineRange,
  symbol: CodeSymbol | null,
  definitions: readonly string[],
): Chunk {
  return {
    startLine: first + 1,
    endLine: last + 1,
    text: textOf(lines, first, last),
    symbol: symbol?.name ?? null,
    kind: symbol?.kind ?? null,
    parents: symbol?.parents ?? [],
    definitions,
  };
}

/** The lines without the end of the last one. */
function textOf(lines: Lines, first: number, last: number): string {
  const text = lines.text.slice(lines.start(first), lines.start(last + 1)).replace(/\n$/, '');
  return text.length <= MAX_LINE_LENGTH ? text : cutLongLines(text);
}

function cutLongLines(text: string): string {
  return text
    .split('\n')
    .map((line) => (line.length > MAX_LINE_LENGTH ? line.slice(0, MAX_LINE_LENGTH) : line))
    .join('\n');
}
