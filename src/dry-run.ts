// What indexing a directory would take in and leave out, found without a database: nothing is opened and nothing written.
import { availableParallelism } from 'node:os';
import { breathe } from './discovery/collect.js';
import { discover } from './discovery/discover.js';
import { readSource } from './discovery/read.js';
import { resolveRoot } from './discovery/root.js';
import type { SkippedFile } from './discovery/skip.js';
import { summarise } from './indexing/report.js';
import { languageOf } from './languages/catalog.js';
import { createChunker } from './languages/chunker.js';
import { resolveProject } from './project-config.js';
import type { IndexReport, IndexRequest } from './service.js';

export interface DryRun {
  readonly project: string;
  readonly repository: string;
  /** Who says which files there are. */
  readonly listed_by: 'git' | 'walk';
  readonly files: number;
  readonly bytes: number;
  /** Estimated from a sample of the files. */
  readonly chunks: number;
  /** Estimated, for this number of cores. */
  readonly seconds: number;
  readonly languages: Readonly<Record<string, number>>;
  /** The largest, one or two levels deep, with all below them. */
  readonly directories: readonly { readonly path: string; readonly files: number; readonly bytes: number }[];
  readonly skipped: IndexReport['skipped'];
}

/** Files that are cut into chunks to tell how many there will be; spread over the tree. */
const SAMPLE_FILES = 100;
/** What `npm run bench -- indexing` measures for a first run with one worker thread. */
const SECONDS_PER_MEGABYTE = 1.2;
const START_SECONDS = 1;

const SHOWN_DIRECTORIES = 8;
const DIRECTORY_DEPTH = 2;
const FILES_AT_A_TIME = 100;

interface Sum {
  files: number;
  bytes: number;
}

export async function dryRun(request: IndexRequest, signal?: AbortSignal): Promise<DryRun> {
  const { root, git } = await resolveRoot(request.path);
  const project = await resolveProject(request.project, root);
  const discovery = await discover(root, signal);
  const skipped: SkippedFile[] = [...discovery.skipped];
  const languages = new Map<string, Sum>();
  const directories = new Map<string, Sum>();
  const all: Sum = { files: 0, bytes: 0 };
  const chunker = await createChunker();
  const every = Math.ceil(discovery.files.length / SAMPLE_FILES);
  const sample = { chunks: 0, bytes: 0 };
  for (const [i, { path }] of discovery.files.entries()) {
    if (i % FILES_AT_A_TIME === 0) await breathe(signal);
    const source = await readSource(root, path);
    if ('reason' in source) {
      skipped.push(source);
      continue;
    }
    const language = languageOf(path, source.text.slice(0, 200).split('\n', 1)[0]) ?? 'text';
    for (const sum of [all, sumOf(languages, language), ...directoriesOf(path).map((d) => sumOf(directories, d))]) {
      sum.files++;
      sum.bytes += source.size;
    }
    if (i % every === 0) {
      sample.chunks += chunker.chunk(path, source.text).chunks.length;
      sample.bytes += source.size;
    }
  }
  return {
    project,
    repository: root,
    listed_by: git ? 'git' : 'walk',
    ...all,
    chunks: Math.round((all.bytes * sample.chunks) / Math.max(1, sample.bytes)),
    seconds: Math.ceil(START_SECONDS + ((all.bytes / 1e6) * SECONDS_PER_MEGABYTE) / workers()),
    languages: Object.fromEntries([...languages].sort(byFiles).map(([name, { files }]) => [name, files])),
    directories: largest(directories),
    skipped: summarise(skipped),
  };
}

/** As many as indexing starts: the database needs a core. */
function workers(): number {
  return Math.max(1, availableParallelism() - 1);
}

/** `a/b/c/d.ts` is in `a/` and in `a/b/`, a file of the root in `./`. */
function directoriesOf(path: string): readonly string[] {
  const parts = path.split('/').slice(0, -1).slice(0, DIRECTORY_DEPTH);
  return parts.length === 0 ? ['./'] : parts.map((_, i) => `${parts.slice(0, i + 1).join('/')}/`);
}

function sumOf(sums: Map<string, Sum>, key: string): Sum {
  const sum = sums.get(key) ?? { files: 0, bytes: 0 };
  sums.set(key, sum);
  return sum;
}

function byFiles(a: readonly [string, Sum], b: readonly [string, Sum]): number {
  return b[1].files - a[1].files || (a[0] < b[0] ? -1 : 1);
}

function largest(directories: ReadonlyMap<string, Sum>): DryRun['directories'] {
  return [...directories]
    .map(([path, sum]) => ({ path, ...sum }))
    .sort((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1))
    .slice(0, SHOWN_DIRECTORIES);
}
