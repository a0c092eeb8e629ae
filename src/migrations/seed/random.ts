// Repeatable randomness: the same seed and label give the same values on every machine.

/** Microseconds from 2024-01-01 that timestamps fall into: two years. */
const TIME_SPAN_SECONDS = 2 * 365 * 86_400;
const TIME_START = Date.UTC(2024, 0, 1);

export class Random {
  #state: number;

  /** Streams with different labels are independent, so adding rows to one table leaves the others as they were. */
  constructor(seed: number, label: string) {
    this.#state = hash(`${seed}/${label}`);
  }

  /** An integer from 0 to 2³² − 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** An integer from 0 to n − 1. */
  below(n: number): number {
    return Math.floor((this.next() / 2 ** 32) * n);
  }

  chance(probability: number): boolean {
    return this.next() < probability * 2 ** 32;
  }

  pick<T>(values: readonly T[]): T {
    const value = values[this.below(values.length)];
    if (value === undefined) throw new Error('nothing to pick from');
    return value;
  }

  uuid(): string {
    const words = [this.next(), this.next(), this.next(), this.next()].map((n) => n.toString(16).padStart(8, '0'));
    const hex = words.join('');
    const variant = '89ab'[this.below(4)] ?? '8';
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
  }

  /** Hexadecimal digits, as in a commit hash. */
  hex(length: number): string {
    let text = '';
    while (text.length < length) text += this.next().toString(16).padStart(8, '0');
    return text.slice(0, length);
  }

  /** With microseconds, which JavaScript dates lack. */
  timestamp(): string {
    const second = new Date(TIME_START + this.below(TIME_SPAN_SECONDS) * 1000).toISOString().slice(0, 19);
    return `${second}.${String(this.below(1_000_000)).padStart(6, '0')}+00`;
  }
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value;
}
