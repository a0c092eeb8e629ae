// Text of a query → its kind and the terms to look up. Pure.

import { definitionTerm, definitionWordTerm, terms } from '../lexical/terms.js';
import { splitPlace } from '../place.js';

/** A symbol is one identifier, a path names a file, everything else is a question in words. */
export type QueryKind = 'symbol' | 'path' | 'question';

export interface Query {
  readonly text: string;
  readonly kind: QueryKind;
  /** Distinct lexical terms, without words that say nothing about code. */
  readonly words: readonly string[];
  /** Neighbouring words written as one, the way an identifier would have them. */
  readonly joined: readonly string[];
  /** Terms that chunks have which define a symbol that the query names: the query itself, or a word written like code. */
  readonly symbols: readonly string[];
  /** The same for names that neighbouring words would make: "retry policy" → RetryPolicy. */
  readonly compounds: readonly string[];
  /** Terms that chunks have which define a symbol with a word of the query in its name; in the order of `words`. */
  readonly definitionWords: readonly string[];
  /** Where the query is a path, the path alone: a file whose path ends so is meant. */
  readonly path: string | null;
  /** Regular expression for what the query has in quotation marks, in any case and spacing; null where it quotes nothing. */
  readonly phrase: string | null;
}

/** Words of English that carry a question, not its subject. */
const STOP_WORDS = new Set(
  (
    'a an and are as at be but by can could do does done for from get gets got has have how i if in into is it its me my of on or ' +
    'our should so such than that the their them then there these they this those to us use used uses using was we were what ' +
    'when where which while who why will with would you your code file function find show'
  ).split(' '),
);

/** A word with the marks of an identifier: camelCase, snake_case, a qualified name. */
const CODE_LIKE = /[a-z\d][A-Z]|[A-Za-z]_[A-Za-z]|\w(\.|::|->)\w/;

/** Terms looked up at most: a pasted page is cut, not refused. */
const MAX_WORDS = 32;
const MAX_PHRASES = 4;
/** Of a phrase, which is compared with every place of the candidates: the beginning says enough. */
const MAX_PHRASE_CHARACTERS = 200;

export function parseQuery(text: string): Query {
  const trimmed = text.trim();
  const spoken = trimmed.split(/\s+/).filter((word) => !STOP_WORDS.has(word.toLowerCase()));
  const kept = spoken.length > 0 ? spoken : trimmed.split(/\s+/);
  const words = distinct(kept.flatMap(terms)).slice(0, MAX_WORDS);
  const kind = kindOf(trimmed);
  const names = kept.map((word) => word.replace(/^\W+|\W+$/gu, '')).filter((word) => word !== '');
  const pairs = [...runs(names, 2), ...runs(names, 3)].slice(0, MAX_WORDS);
  const symbols = kind === 'question' ? names.filter((name) => CODE_LIKE.test(name)) : names;
  return {
    text: trimmed,
    kind,
    words,
    joined: distinct(pairs.flatMap((pair) => terms(pair).slice(-1))).filter((term) => !words.includes(term)),
    symbols: distinct(symbols.flatMap(nameParts).map(definitionTerm)).slice(0, MAX_WORDS),
    compounds: distinct(pairs.map(definitionTerm)),
    definitionWords: words.map(definitionWordTerm),
    path: kind === 'path' ? pathOf(trimmed) : null,
    phrase: phraseOf(trimmed),
  };
}

/** Without the line that may follow, and in the form in which paths are stored. */
function pathOf(text: string): string {
  return splitPlace(text)
    .path.replaceAll('\\', '/')
    .replace(/^\.?\//, '');
}

/** A single word in quotation marks is a word like others. */
function phraseOf(text: string): string | null {
  const quoted = [...text.matchAll(/"([^"]+)"|“([^”]+)”|`([^`]+)`/g)].map(
    (match) => match[1] ?? match[2] ?? match[3] ?? '',
  );
  const phrases = quoted
    .map((phrase) => phrase.trim().slice(0, MAX_PHRASE_CHARACTERS).trimEnd().split(/\s+/))
    .filter((words) => words.length > 1);
  if (phrases.length === 0) return null;
  const escaped = phrases.map((words) => words.map((word) => word.replace(/[^\p{L}\p{N}]/gu, '\\$&')).join('\\s+'));
  return escaped.slice(0, MAX_PHRASES).join('|');
}

function kindOf(text: string): QueryKind {
  if (/\s/.test(text)) return 'question';
  if (/[\\/]/.test(text) || /^[\w.-]+\.[a-z][a-z0-9]{0,4}(:\d+)?$/.test(text)) return 'path';
  return 'symbol';
}

/** Of a qualified name, the whole and its last part. */
function nameParts(name: string): string[] {
  const last = name.split(/[.:#/()]+/).findLast((part) => part !== '') ?? name;
  return [name, last];
}

/** Runs of `length` neighbouring words, written as one camelCase name. */
function runs(words: readonly string[], length: number): string[] {
  const found: string[] = [];
  for (let i = 0; i + length <= words.length; i++) {
    found.push(
      words
        .slice(i, i + length)
        .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
        .join(''),
    );
  }
  return found;
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)];
}
