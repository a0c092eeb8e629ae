// A pair's two sides as weighted tokens, varied a little each time so that the model does not learn the wording by heart.
import { type Dataset, LISTS } from './dataset.js';
import type { Random } from './random.js';

const WITHOUT_NAME = 0.35;
const WITHOUT_WORD = 0.1;
const WHOLE_TEXT = 0.25;
const WITH_PATH = 0.5;
/** The embedder adds a path's words three times to each of its chunks. */
const PATH_WEIGHT = 3;

/** Tokens and the square roots of their counts; `length` of each are in use. */
export interface Bag {
  readonly tokens: Int32Array;
  readonly weights: Float32Array;
  length: number;
}

export function emptyBag(capacity: number): Bag {
  return { tokens: new Int32Array(capacity), weights: new Float32Array(capacity), length: 0 };
}

/** Start and end of one of a pair's lists in `dataset.tokens`: (token, count) one after another. */
function listRange({ tokens, offsets }: Dataset, pair: number, list: number): readonly [number, number] {
  const at = offsets[pair] as number;
  let start = at + 5;
  for (let i = 0; i < list; i++) start += 2 * (tokens[at + i] as number);
  return [start, start + 2 * (tokens[at + list] as number)];
}

/** The description; `random` undefined for its plain first sentence. */
export function queryBag(dataset: Dataset, pair: number, bag: Bag, random: Random | undefined): void {
  const whole = random !== undefined && random.next() < WHOLE_TEXT;
  const [start, end] = listRange(dataset, pair, whole ? LISTS.full : LISTS.query);
  const names = random !== undefined && random.next() < WITHOUT_NAME ? tokenSet(dataset, pair) : undefined;
  fill(
    dataset,
    bag,
    start,
    end,
    (token) => names?.has(token) === true || (random !== undefined && random.next() < WITHOUT_WORD),
  );
  if (bag.length < 2) fill(dataset, bag, start, end, () => false);
}

function tokenSet(dataset: Dataset, pair: number): ReadonlySet<number> {
  const [start, end] = listRange(dataset, pair, LISTS.name);
  const found = new Set<number>();
  for (let i = start; i < end; i += 2) found.add(dataset.tokens[i] as number);
  return found;
}

function fill({ tokens }: Dataset, bag: Bag, start: number, end: number, leaveOut: (token: number) => boolean): void {
  bag.length = 0;
  for (let i = start; i < end && bag.length < bag.tokens.length; i += 2) {
    const token = tokens[i] as number;
    if (leaveOut(token)) continue;
    bag.tokens[bag.length] = token;
    bag.weights[bag.length++] = Math.sqrt(tokens[i + 1] as number);
  }
}

/** The code, with its path's words in half of the cases; `random` undefined for always. */
export function codeBag(dataset: Dataset, pair: number, bag: Bag, random: Random | undefined): void {
  const [start, end] = listRange(dataset, pair, LISTS.code);
  fill(dataset, bag, start, end, () => false);
  if (random !== undefined && random.next() >= WITH_PATH) return;
  const [from, to] = listRange(dataset, pair, LISTS.path);
  for (let i = from; i < to; i += 2)
    addToken(bag, dataset.tokens[i] as number, PATH_WEIGHT * (dataset.tokens[i + 1] as number));
}

function addToken(bag: Bag, token: number, count: number): void {
  for (let i = 0; i < bag.length; i++) {
    if (bag.tokens[i] !== token) continue;
    bag.weights[i] = Math.sqrt((bag.weights[i] as number) ** 2 + count);
    return;
  }
  if (bag.length === bag.tokens.length) return;
  bag.tokens[bag.length] = token;
  bag.weights[bag.length++] = Math.sqrt(count);
}
