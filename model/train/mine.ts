// Mines every listed package, two at a time, into one file of JSON lines each; packages already mined are skipped.
import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { minePackage } from './mine-package.js';
import { readSources, type Source } from './sources.js';

const WORKERS = 2;

export async function mine(cache: string, log: (line: string) => void): Promise<void> {
  await mkdir(join(cache, 'pairs'), { recursive: true });
  const waiting = (await readSources()).filter((source) => !existsSync(pairsFile(source, cache)));
  let done = 0;
  await Promise.all(
    Array.from({ length: WORKERS }, () => {
      const worker = new Worker(new URL(import.meta.url), { workerData: { cache } });
      return new Promise<void>((resolve, reject) => {
        const next = () => worker.postMessage(waiting.pop());
        worker.on('message', (line: string) => {
          log(`${++done}\t${line}`);
          next();
        });
        worker.on('error', reject);
        worker.on('exit', () => resolve());
        next();
      });
    }),
  );
}

export function pairsFile({ registry, name }: Source, cache: string): string {
  return join(cache, 'pairs', `${registry}-${name.replace('/', '+')}.jsonl`);
}

async function mineOne(source: Source, cache: string): Promise<string> {
  const pairs = await minePackage(source, cache);
  const file = pairsFile(source, cache);
  await writeFile(`${file}.part`, pairs.map((pair) => `${JSON.stringify(pair)}\n`).join(''));
  await rename(`${file}.part`, file);
  return `${source.name}\t${pairs.length}`;
}

if (!isMainThread) {
  const { cache } = workerData as { readonly cache: string };
  parentPort?.on('message', (source: Source | undefined) => {
    if (source === undefined) parentPort?.close();
    else void mineOne(source, cache).then((line) => parentPort?.postMessage(line));
  });
}
