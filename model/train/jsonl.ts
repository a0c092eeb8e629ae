// Reads the mined pairs back, one file at a time.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pair } from './pairs.js';
import { sample } from './spread.js';

/** Most of the packages are TypeScript and JavaScript: fewer pairs of each of them keep the languages in balance. */
const MOST_PAIRS = 20_000;
const MOST_COMMON = 1000;
const COMMON = new Set(['typescript', 'javascript']);

export interface MinedPackage {
  readonly name: string;
  readonly pairs: readonly Pair[];
}

/** Mined packages in the order of their names. */
export async function* minedPackages(cache: string): AsyncGenerator<MinedPackage> {
  const folder = join(cache, 'pairs');
  const files = (await readdir(folder)).filter((file) => file.endsWith('.jsonl')).sort();
  for (const file of files) {
    const lines = (await readFile(join(folder, file), 'utf8')).split('\n');
    const pairs = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Pair);
    const common = pairs.filter(({ language }) => COMMON.has(language)).length > pairs.length / 2;
    const most = common ? MOST_COMMON : MOST_PAIRS;
    yield { name: file.replace(/\.jsonl$/, ''), pairs: sample(pairs, most, textOf) };
  }
}

function textOf({ query, code }: Pair): string {
  return query + code;
}
