// How far a file's name answers to the words of a query, when words need not be equal: serialize and serializer, config
// and configuration, init and initialize name the same thing. Pure.

const EQUAL = 1;
/** Least shared characters, the share of the longer word that they must be, and what they are worth; first match counts. */
const SHARED_PREFIX = [
  { characters: 4, ofLonger: 0.6, worth: 0.7 },
  { characters: 5, ofLonger: 0, worth: 0.5 },
] as const;
const WHOLE_PREFIX = { characters: 3, worth: 0.8 } as const;

/** 0 (unrelated) to 1 (equal), for two lower-case words. */
export function nearness(a: string, b: string): number {
  if (a === b) return EQUAL;
  const shared = sharedPrefix(a, b);
  if (shared === Math.min(a.length, b.length) && shared >= WHOLE_PREFIX.characters) return WHOLE_PREFIX.worth;
  const longer = Math.max(a.length, b.length);
  return SHARED_PREFIX.find((rule) => shared >= rule.characters && shared >= rule.ofLonger * longer)?.worth ?? 0;
}

/** Nearness of `word` to the nearest of `words`. */
export function nearest(word: string, words: Iterable<string>): number {
  let best = 0;
  for (const other of words) best = Math.max(best, nearness(word, other));
  return best;
}

function sharedPrefix(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  let shared = 0;
  while (shared < length && a.charCodeAt(shared) === b.charCodeAt(shared)) shared++;
  return shared;
}
