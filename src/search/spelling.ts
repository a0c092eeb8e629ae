// Typing errors: a word that the index does not have gives way to one that it has, if that is one slip away and the model
// thinks it far more common. A common word was meant, whether the code has it or not.
import { stem } from '../lexical/stem.js';
import { definitionTerm } from '../lexical/terms.js';
import { asciiWords } from '../lexical/words.js';

/** Shorter words are a slip away from too many others. */
const MIN_LENGTH = 4;
const MAX_LENGTH = 24;
/** A text with more strange words than this is pasted, or in another language. */
const MAX_STRANGE = 3;
/** Place among the model's words from which on a word may be an error that many have made: "recieve" is at 21,000. */
const RARE = 10_000;
/** How much more common what was meant has to be. */
const FACTOR = 10;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

export interface Correction {
  readonly typed: string;
  readonly meant: string;
}

/** In how many files each of the terms occurs; those in none may be missing. */
export type CountFiles = (terms: readonly string[]) => Promise<ReadonlyMap<string, number>>;

/** `rarity`: of a word, as the model has it. The text as it was probably meant, and what was changed in it. */
export async function correctSpelling(
  text: string,
  rarity: (word: string) => number,
  countFiles: CountFiles,
): Promise<{ text: string; corrections: readonly Correction[] }> {
  const strange = strangeWords(text).filter(({ typed }) => Math.min(rarity(typed), rarity(stem(typed))) >= RARE);
  if (strange.length > MAX_STRANGE) return { text, corrections: [] };
  let corrected = text;
  const corrections: Correction[] = [];
  for (const word of strange) {
    const meant = await meantBy(word, rarity, countFiles);
    if (meant === null) continue;
    corrected = corrected.replace(word.identifier, replaceWord(word, meant));
    corrections.push({ typed: word.typed, meant });
  }
  return { text: corrected, corrections };
}

async function meantBy(
  word: StrangeWord,
  rarity: (word: string) => number,
  countFiles: CountFiles,
): Promise<string | null> {
  const known = Math.min(rarity(word.typed), rarity(stem(word.typed)));
  const near = variants(word.typed);
  const common = near.filter((variant) => rarity(variant) * FACTOR <= known && rarity(variant) !== Infinity);
  const termsOf = (variant: string) => [stem(variant), definitionTerm(replaceWord(word, variant))];
  const counts = await countFiles([word.typed, ...common].flatMap(termsOf));
  if (termsOf(word.typed).some((term) => counts.has(term))) return null;
  const files = (variant: string) => counts.get(stem(variant)) ?? 0;
  const named = (variant: string) => (counts.has(definitionTerm(replaceWord(word, variant))) ? 1 : 0);
  const [best] = common
    .filter((variant) => files(variant) + named(variant) > 0)
    .sort((a, b) => named(b) - named(a) || files(b) - files(a));
  if (best !== undefined || known < Infinity) return best ?? null;
  // Names that only this code has: hundreds of words have to be looked up.
  const names = await countFiles(near.map(stem));
  const [name] = near.filter((each) => names.has(stem(each))).sort((a, b) => counted(names, b) - counted(names, a));
  return name ?? null;
}

function counted(counts: ReadonlyMap<string, number>, word: string): number {
  return counts.get(stem(word)) ?? 0;
}

interface StrangeWord {
  /** The run of the text that the word is part of. */
  readonly identifier: string;
  /** Lower case. */
  readonly typed: string;
}

function strangeWords(text: string): readonly StrangeWord[] {
  const strange = new Map<string, StrangeWord>();
  for (const identifier of text.match(/(?<![\p{L}\p{N}])[a-z][\w$]*(?!\p{L})/giu) ?? []) {
    for (const word of asciiWords(identifier)) {
      const typed = word.toLowerCase();
      if (typed.length >= MIN_LENGTH && typed.length <= MAX_LENGTH && /^[a-z]+$/.test(typed))
        strange.set(typed, { identifier, typed });
    }
  }
  return [...strange.values()];
}

/** All words one slip away: a letter too many, missing, wrong, or two in each other's place; the first letter is right. */
function variants(word: string): readonly string[] {
  const found = new Set<string>();
  for (let at = 1; at <= word.length; at++) {
    const [head, tail] = [word.slice(0, at), word.slice(at)];
    found.add(head + tail.slice(1));
    if (tail.length > 1) found.add(`${head}${tail[1]}${tail[0]}${tail.slice(2)}`);
    for (const letter of LETTERS) {
      found.add(head + letter + tail);
      if (tail !== '') found.add(head + letter + tail.slice(1));
    }
  }
  found.delete(word);
  return [...found];
}

/** The identifier with another word in the place of the typed one, capitals as they were. */
function replaceWord({ identifier, typed }: StrangeWord, word: string): string {
  const at = identifier.toLowerCase().indexOf(typed);
  const written = identifier.slice(at, at + typed.length);
  const first = word.slice(0, 1);
  const capitalised = written.slice(0, 1) === typed.slice(0, 1) ? word : first.toUpperCase() + word.slice(1);
  const replacement = written === written.toUpperCase() ? word.toUpperCase() : capitalised;
  return identifier.slice(0, at) + replacement + identifier.slice(at + typed.length);
}
