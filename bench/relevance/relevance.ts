// `npm run bench -- relevance [measure|features|fit|ablate|golden]`: how good the answers are, on the shared benchmark's
// questions and on our own.
import { existsSync } from 'node:fs';
import { ablate } from './ablate.js';
import { dumpFeatures } from './features.js';
import { fitWeights } from './fit.js';
import { golden } from './golden/report.js';
import { measure } from './measure.js';
import { type Options, readOptions } from './options.js';

/** What each program does is said in its file. */
const PROGRAMS: Readonly<Record<string, (options: Options) => Promise<void>>> = {
  measure,
  features: dumpFeatures,
  fit: fitWeights,
  ablate,
  golden,
};

export async function run(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  const program = PROGRAMS[options.program];
  if (program === undefined)
    throw new Error(`no program ${options.program}; there are ${Object.keys(PROGRAMS).join(', ')}`);
  if (options.program !== 'golden' && !existsSync(options.checkout)) {
    console.log(`relevance: skipped, the benchmark's repositories are not in ${options.checkout} (--checkout DIR)`);
    return;
  }
  await program(options);
}
