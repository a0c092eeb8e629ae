// The pieces that the tokeniser knows: words that several packages use, and parts to write all other words with.
import { isExcludedWord } from './exclusions.js';
import type { MinedPackage } from './jsonl.js';

/** With 256 numbers each this stays below 16 MB. */
const MAX_PIECES = 50_000;
const MAX_PARTS = 7_000;
const MIN_PACKAGES = 3;
const MIN_COUNT = 6;
const MIN_PART = 2;
const MAX_PART = 6;
const WORD = /[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+/g;

interface Use {
  count: number;
  packages: number;
  last: number;
}

/** Counts words over packages; each package counts a word once as one of its users. */
export class WordCounter {
  private readonly words = new Map<string, Use>();
  private packages = 0;

  add({ pairs }: MinedPackage): void {
    this.packages++;
    for (const { full, code, path } of pairs) this.addText(`${full} ${path} ${code}`);
  }

  private addText(text: string): void {
    for (const found of text.match(WORD) ?? []) {
      const isNumber = found.charCodeAt(0) < 58;
      if (found.length > (isNumber ? 4 : 24)) continue;
      const word = found.toLowerCase();
      const use = this.words.get(word);
      if (use === undefined) this.words.set(word, { count: 1, packages: 1, last: this.packages });
      else {
        use.count++;
        if (use.last !== this.packages) use.packages++;
        use.last = this.packages;
      }
    }
  }

  /** Pieces, the most used words first. */
  vocabulary(): readonly string[] {
    const known = [...this.words].filter(
      ([word, use]) => use.packages >= MIN_PACKAGES && use.count >= MIN_COUNT && !isExcludedWord(word),
    );
    known.sort((a, b) => b[1].packages - a[1].packages || b[1].count - a[1].count || (a[0] < b[0] ? -1 : 1));
    const words = known.slice(0, MAX_PIECES - MAX_PARTS).map(([word]) => word);
    const chosen = new Set([...'abcdefghijklmnopqrstuvwxyz0123456789', ...words]);
    for (const part of this.parts(chosen)) {
      if (chosen.size >= words.length + MAX_PARTS) break;
      chosen.add(part);
    }
    return [...chosen];
  }

  /** Parts of the words outside the vocabulary, those that cover the most letters first. */
  private parts(known: ReadonlySet<string>): readonly string[] {
    const weights = new Map<string, number>();
    for (const [word, { packages }] of this.words) {
      if (known.has(word) || word.charCodeAt(0) < 58) continue;
      for (let length = MIN_PART; length <= Math.min(MAX_PART, word.length); length++) {
        for (let at = 0; at + length <= word.length; at++) {
          const part = word.slice(at, at + length);
          weights.set(part, (weights.get(part) ?? 0) + packages * (length - 1));
        }
      }
    }
    const ranked = [...weights].filter(([part, weight]) => weight > 20 && !known.has(part) && !isExcludedWord(part));
    return ranked.sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([part]) => part);
  }
}
