// A place as people and models write it: `src/app.ts:40`, or `src/app.ts:40-60` as answers show it.

/** `line` is the first one named; undefined where only a file is. */
export function splitPlace(text: string): { readonly path: string; readonly line: number | undefined } {
  const [, path, line] = /^(.+?):(\d+)(?:[-:]\d+)?$/s.exec(text) ?? [];
  return path === undefined || Number(line) === 0 ? { path: text, line: undefined } : { path, line: Number(line) };
}
