// The lines of a place that say what it is, without its body. Pure.

const COMMENT = /^\s*(\/\/|\/\*|\*|#(?!\w)|--|;|%|"""|'''|<!--|@)/;
/** What a body begins with, also inside of a call: `test('…', () => {`. */
const BODY = /(=>|\))\s*\{\s*$/;
/** A parameter list may take several lines; a longer one says no more. */
const MOST_LINES = 6;

/**
 * From the line that names the symbol to the end of its parameter list; without a symbol the first line that is no comment.
 * `offset`: how many lines of the place come before.
 */
export function declaration(code: string, symbol: string | null): { readonly text: string; readonly offset: number } {
  const lines = code.split('\n');
  const name = symbol?.split(/[.:#/]/).at(-1) ?? '';
  const spoken = (line: string): boolean => line.trim() !== '' && !COMMENT.test(line);
  const named = lines.findIndex((line) => name !== '' && spoken(line) && line.includes(name));
  const first = lines.findIndex(spoken);
  // Of a comment alone, its first line with words.
  const start = Math.max(0, named >= 0 ? named : first >= 0 ? first : lines.findIndex((line) => /\p{L}/u.test(line)));
  const head: string[] = [];
  let depth = 0;
  for (const line of lines.slice(start, start + MOST_LINES)) {
    head.push(line);
    for (const character of line) depth += '(['.includes(character) ? 1 : ')]'.includes(character) ? -1 : 0;
    if (depth <= 0 || BODY.test(line)) break;
  }
  return { text: head.join('\n').trimEnd(), offset: start };
}
