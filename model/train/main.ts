// Trains the bundled model from nothing: node model/train/.out/main.js STEP CACHE. model/README.md says what each step does.
import { buildDataset } from './dataset.js';
import { fetchSources } from './fetch.js';
import { mine } from './mine.js';
import { pin } from './pin.js';
import { toModel2Vec } from './to-model2vec.js';
import { RECIPE, train } from './train.js';

const STEPS: Readonly<Record<string, (cache: string) => Promise<void>>> = {
  fetch: (cache) => fetchSources(cache, console.log),
  pin,
  mine: (cache) => mine(cache, console.log),
  encode: (cache) => buildDataset(cache, console.log),
  train: (cache) => train(cache, RECIPE, console.log),
  model2vec: toModel2Vec,
};

const [step = '', cache = ''] = process.argv.slice(2);
const run = STEPS[step];
if (run === undefined || cache === '') {
  console.error(`usage: main.js ${Object.keys(STEPS).join('|')} CACHE`);
  process.exitCode = 2;
} else {
  await run(cache);
}
