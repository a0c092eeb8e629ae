// Recognises what a line declares, over all languages alike, and takes names apart.

const KEYWORD =
  /^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:export|default|public|private|protected|internal|open|override|abstract|static|final|async|inline|sealed|virtual|partial|readonly|declare|suspend|pub(?:\([^)]*\))?|unsafe|const|local|data|case|extern|mutating|func|lazy|tailrec|operator|indirect|fileprivate|implicit)\s+)*(?:function\*?|defmodule|defmacrop?|defp?|class|struct|enum|trait|interface|impl|type|module|object|fn|fun|func|protocol|extension|namespace|record|newtype|sub|macro_rules!|typedef|union|const|let|var|val)\s+(?:\([^)]*\)\s*)?(?:self\.)?([A-Za-z_$][\w$.:]*[?!]?)/;
const CALLABLE = /^\s*[\w:<>,*&\s[\]?@.$]*?([A-Za-z_$~][\w$]*)\s*(?:<[^>()]*>)?\s*\([^;]*$/;
const ASSIGNED = /^\s*([A-Za-z_$][\w$.]*)\s*(?::|=|::)/;
const NOT_NAMES = new Set(
  'if for while switch return catch else elif until foreach with match unless when do try new throw case in and or not await yield require import include assert print println echo sizeof typeof super this self constructor init describe it test'.split(
    ' ',
  ),
);

const MAX_LINE = 300;

/** Name of a declaration that may have a body: function, method, class and so on; empty where the line declares none. */
export function declaredName(line: string): string {
  if (line.length > MAX_LINE) return '';
  const name = KEYWORD.exec(line)?.[1] ?? CALLABLE.exec(line)?.[1] ?? '';
  return NOT_NAMES.has(name) ? '' : name;
}

/** As `declaredName`, and the left side of an assignment or field. */
export function anyName(lines: readonly string[]): string {
  for (const line of lines) {
    if (/^\s*(?:@|#\[|\[|$)/.test(line)) continue;
    const name = declaredName(line) || (ASSIGNED.exec(line)?.[1] ?? '');
    return NOT_NAMES.has(name) ? '' : name;
  }
  return '';
}

/** `HTTPServer.readBody_2` → `HTTP Server read Body 2`. */
export function nameWords(name: string): string {
  return (name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+/g) ?? []).join(' ');
}

/** Words of a path's last folders and file name, without its extension. */
export function pathWords(path: string): string {
  return nameWords(
    path
      .replace(/(?:\.d)?\.[^./]+$/, '')
      .split('/')
      .slice(-3)
      .join(' '),
  );
}
