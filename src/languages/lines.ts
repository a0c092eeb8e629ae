// The lines of a text and how much is in them; and the cutting of lines into windows where there is no tree to cut at.

/** Aim of a chunk, in weight (about: characters that are not blank). */
export const TARGET_WEIGHT = 1500;
/** No chunk of several lines is heavier than this, or has more lines. */
export const MAX_WEIGHT = 1875;
export const MAX_LINES = 300;

export interface Lines {
  readonly text: string;
  readonly count: number;
  /** Offset of a line's first character; line `count` is the end of the text. */
  start(line: number): number;
  /** The line an offset is on. */
  at(offset: number): number;
  /** Characters that are not blank in lines `first` to `last`, plus a little for very long blanks. */
  weight(first: number, last: number): number;
}

/** A range of lines, 0-based and inclusive. */
export interface LineRange {
  readonly first: number;
  readonly last: number;
}

export function linesOf(text: string): Lines {
  const starts = lineStarts(text);
  const count = starts.length - 1;
  const sums = weightSums(text, starts);
  return {
    text,
    count,
    start: (line) => starts[line] ?? text.length,
    at: (offset) => lineAt(starts, count, offset),
    weight: (first, last) => (sums[last + 1] ?? 0) - (sums[first] ?? 0),
  };
}

/** Offsets of all lines, and the length of the text at the end. A final line end does not open another line. */
function lineStarts(text: string): number[] {
  const starts: number[] = text ? [0] : [];
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) starts.push(i + 1);
  if (starts.at(-1) !== text.length) starts.push(text.length);
  return starts.length ? starts : [0];
}

function lineAt(starts: readonly number[], count: number, offset: number): number {
  let low = 0;
  let high = count - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

function weightSums(text: string, starts: readonly number[]): Uint32Array {
  const sums = new Uint32Array(starts.length);
  let sum = 0;
  for (let line = 0; line + 1 < starts.length; line++) {
    const start = starts[line] ?? 0;
    const end = starts[line + 1] ?? 0;
    for (let i = start; i < end; i++) if (text.charCodeAt(i) > 32) sum++;
    sum += (end - start) >> 5;
    sums[line + 1] = sum;
  }
  return sums;
}

/** Cut a range of lines into windows of at most the target, preferably where a paragraph ends. */
export function lineWindows(lines: Lines, range: LineRange): LineRange[] {
  const windows: LineRange[] = [];
  let first = range.first;
  while (first <= range.last) {
    let last = first;
    while (last < range.last && fits(lines, first, last + 1)) last++;
    if (last < range.last) last = bestBreak(lines, first, last);
    windows.push({ first, last });
    first = last + 1;
  }
  return windows;
}

function fits(lines: Lines, first: number, last: number): boolean {
  return lines.weight(first, last) <= TARGET_WEIGHT && last - first < MAX_LINES;
}

/** The line in the second half of a window after which the next line starts least indented, best after a blank line. */
function bestBreak(lines: Lines, first: number, last: number): number {
  const half = lines.weight(first, last) / 2;
  let best = last;
  let bestIndent = Number.POSITIVE_INFINITY;
  for (let line = last; line > first && lines.weight(first, line) >= half; line--) {
    const blankBefore = lines.weight(line, line) === 0;
    const indent = indentOf(lines, line + 1) - (blankBefore ? 0.5 : 0);
    if (indent < bestIndent) {
      best = line;
      bestIndent = indent;
    }
  }
  return best;
}

/** Blank characters that a line starts with; infinite for a blank line. */
function indentOf(lines: Lines, line: number): number {
  const end = lines.start(line + 1);
  for (let i = lines.start(line); i < end; i++) if (lines.text.charCodeAt(i) > 32) return i - lines.start(line);
  return Number.POSITIVE_INFINITY;
}
