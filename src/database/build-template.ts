// Run by `npm run build`: writes the ready database that new data directories are copied from, so that a first start costs
// a copy and not the making of a database.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pack } from './archive.js';
import { makeDatabase, TEMPLATE } from './embedded.js';

const template = fileURLToPath(TEMPLATE);
const inputsFile = `${template}.inputs`;

const inputs = await hashInputs();
if (!existsSync(template) || (await readFile(inputsFile, 'utf8').catch(() => '')) !== inputs) {
  await build();
  await writeFile(inputsFile, inputs);
}

async function build(): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'codebase-mcp-template-'));
  try {
    await makeDatabase(scratch);
    const draft = `${template}.${process.pid}`;
    await writeFile(draft, await pack(scratch));
    await rename(draft, template);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** One hash of all that decides what is in the template: the revisions, this folder, the engine. */
async function hashInputs(): Promise<string> {
  const hash = createHash('sha256');
  for (const folder of ['../migrations/', './']) {
    const root = fileURLToPath(new URL(folder, import.meta.url));
    const names = (await readdir(root, { recursive: true })).filter((name) => name.endsWith('.js')).sort();
    for (const name of names) hash.update(name).update(await readFile(join(root, name)));
  }
  for (const engine of ['@electric-sql/pglite', '@electric-sql/pglite-pgvector']) {
    hash.update(await readFile(new URL('../package.json', import.meta.resolve(engine))));
  }
  return hash.digest('hex');
}
