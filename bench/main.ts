// `npm run bench -- indexing|search|http|embedding|startup|migration|projects|relevance [arguments]`: runs one measurement, or all of them.

type Measurement = () => Promise<{ run: (args: readonly string[]) => Promise<void> }>;

const MEASUREMENTS: Readonly<Record<string, Measurement>> = {
  startup: () => import('./startup.js'),
  indexing: () => import('./indexing.js'),
  search: () => import('./search.js'),
  http: () => import('./http.js'),
  embedding: () => import('./embedding.js'),
  relevance: () => import('./relevance/relevance.js'),
  migration: () => import('./migration.js'),
  projects: () => import('./projects.js'),
};

const [name, ...args] = process.argv.slice(2);
const chosen = name === undefined ? Object.keys(MEASUREMENTS) : [name];
for (const each of chosen) {
  const load = MEASUREMENTS[each];
  if (load === undefined) {
    console.error(`There is no measurement ${each}; there are ${Object.keys(MEASUREMENTS).join(', ')}.`);
    process.exit(2);
  }
  await (await load()).run(args);
}
