// Text → the terms that lexical search indexes and looks up: every word of every identifier, stemmed, and the whole
// identifier too when it has several words, written together (getuserbyid), so that all its spellings meet.
import { stem } from './stem.js';
import { asciiWords, unicodeWords } from './words.js';

/** Goes up when the same text gives other terms: files indexed under another version have to be indexed again. */
export const TERMS_VERSION = 2;

const MAX_TERM = 64;
/** Longer runs are data (hashes, base64), not names. */
const MAX_IDENTIFIER = 128;
const CACHE_SIZE = 50_000;

const IDENTIFIER = identifierCharacters();
const cache = new Map<string, readonly string[]>();

/** All terms in order of appearance, repeated as often as they occur. Single ASCII characters are not terms. */
export function terms(text: string): string[] {
  const found: string[] = [];
  const length = text.length;
  let at = 0;
  while (at < length) {
    if (!isIdentifier(text.charCodeAt(at))) {
      at++;
      continue;
    }
    const start = at;
    let highest = 0;
    for (; at < length; at++) {
      const code = text.charCodeAt(at);
      if (!isIdentifier(code)) break;
      highest |= code;
    }
    if (at - start < 2 && highest < 128) continue;
    const run = text.slice(start, at);
    for (const term of cache.get(run) ?? remember(run, highest < 128)) found.push(term);
  }
  return found;
}

/** The term that says "here a symbol of this name is defined"; all spellings of a name give the same term. */
export function definitionTerm(name: string): string {
  const bare = name.replace(/[_$\s-]+/g, '') || name.trim();
  return `=${bare.toLowerCase().slice(0, MAX_TERM)}`;
}

/** The term that says "here a symbol is defined that has this word in its name"; `word` is one of `terms`. */
export function definitionWordTerm(word: string): string {
  return `@${word}`;
}

/** Every term that the definition of a symbol adds to its chunk; of a qualified name (Parser::parse) the last part counts too. */
export function definitionTerms(name: string): string[] {
  const last = name.split(/[.:#/]+/).findLast((part) => part !== '') ?? name;
  return [...new Set([definitionTerm(name), definitionTerm(last), ...terms(last).map(definitionWordTerm)])];
}

function remember(run: string, ascii: boolean): readonly string[] {
  if (cache.size >= CACHE_SIZE) cache.clear();
  // A copy: a slice would keep the text of its whole file in memory.
  const own = ascii ? Buffer.from(run, 'latin1').toString('latin1') : Buffer.from(run, 'utf16le').toString('utf16le');
  const result = identifierTerms(own, ascii);
  cache.set(own, result);
  return result;
}

function identifierTerms(run: string, ascii: boolean): readonly string[] {
  if (!ascii) return unicodeWords(run).flatMap((word) => wordTerm(word.toLowerCase()));
  if (run.length > MAX_IDENTIFIER) return [];
  const words = asciiWords(run).map((word) => word.toLowerCase());
  const whole = words.join('');
  const joined = words.length > 1 && whole.length <= MAX_TERM ? [whole] : [];
  return [...words.flatMap(wordTerm), ...joined];
}

function wordTerm(word: string): string[] {
  if (word.length > MAX_TERM || (word.length === 1 && word.charCodeAt(0) < 128)) return [];
  return [stem(word)];
}

function isIdentifier(code: number): boolean {
  return code >= 128 || IDENTIFIER[code] === 1;
}

function identifierCharacters(): Uint8Array {
  const table = new Uint8Array(128);
  for (const character of '0123456789_$abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ') {
    table[character.charCodeAt(0)] = 1;
  }
  return table;
}
