// Light stemming of English words: plural, -ing, -ed and a final -e go, so that route, routes, routed and routing meet.
// Deliberately small: a stem that joins unrelated names costs more in code than one that misses a relative.

const VOWEL = /[aeiouy]/;
const DOUBLED = /([bdfgmnprt])\1$/;

/** The stem of a lower-case word; words of other scripts and short words come back as they are. */
export function stem(word: string): string {
  if (word.length < 4) return word;
  return withoutFinalE(withoutParticiple(singular(word)));
}

function singular(word: string): string {
  if (!word.endsWith('s') || /(?:ss|us|is)$/.test(word)) return word;
  if (word.endsWith('ies') && word.length > 4) return `${word.slice(0, -3)}y`;
  if (/(?:s|x|z|ch|sh)es$/.test(word) && word.length > 4) return word.slice(0, -2);
  return word.slice(0, -1);
}

function withoutParticiple(word: string): string {
  const base = word.endsWith('ing') ? word.slice(0, -3) : word.endsWith('ed') ? word.slice(0, -2) : null;
  // string, bring, feed and red are no participles.
  if (base === null || base.length < 3 || !VOWEL.test(base) || word.endsWith('eed')) return word;
  return DOUBLED.test(base) ? base.slice(0, -1) : base;
}

function withoutFinalE(word: string): string {
  return word.length > 4 && word.endsWith('e') && !word.endsWith('ee') ? word.slice(0, -1) : word;
}
