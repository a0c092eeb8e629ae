// One identifier → its words: getHTTPUserIds, get_http_user_ids and GET_HTTP_USER_IDS all give get, http, user, ids.

const UPPER = 1;
const LOWER = 2;
const DIGIT = 3;

const UNICODE_WORDS = /\p{Lu}+(?!\p{Ll})|\p{Lu}?[\p{L}\p{M}]+?(?=\p{Lu}|[^\p{L}\p{M}]|$)|\p{Nd}+/gu;
const IDEOGRAPHS = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}ー]+/gu;

/** Words of an ASCII identifier in their original case, cut at case changes, digits and anything else. */
export function asciiWords(identifier: string): string[] {
  const words: string[] = [];
  let at = 0;
  while (at < identifier.length) {
    const end = wordEnd(identifier, at);
    if (end > at) words.push(identifier.slice(at, end));
    at = Math.max(end, at + 1);
  }
  return words;
}

function wordEnd(text: string, start: number): number {
  const first = kindAt(text, start);
  if (first === 0) return start;
  const end = runEnd(text, start, first);
  if (first !== UPPER || kindAt(text, end) !== LOWER) return end;
  const tail = runEnd(text, end, LOWER);
  if (end - start === 1) return tail;
  // URLs and IDs are one word each; in HTTPServer the last capital belongs to the next word.
  return tail - end === 1 && text.charCodeAt(end) === 115 ? tail : end - 1;
}

function runEnd(text: string, start: number, kind: number): number {
  let end = start + 1;
  while (kindAt(text, end) === kind) end++;
  return end;
}

function kindAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code >= 97 && code <= 122) return LOWER;
  if (code >= 65 && code <= 90) return UPPER;
  return code >= 48 && code <= 57 ? DIGIT : 0;
}

/** Words of a run that is not all ASCII; scripts written without spaces give overlapping pairs of characters. */
export function unicodeWords(run: string): string[] {
  const text = run.normalize('NFKC');
  const pairs = (text.match(IDEOGRAPHS) ?? []).flatMap(characterPairs);
  const words = text.replace(IDEOGRAPHS, ' ').match(UNICODE_WORDS) ?? [];
  return [...words, ...pairs];
}

function characterPairs(run: string): string[] {
  const characters = [...run];
  if (characters.length === 1) return characters;
  return characters.slice(1).map((character, index) => `${characters[index]}${character}`);
}
