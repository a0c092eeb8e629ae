// The write flow: walk → plan → read, chunk and embed in worker threads → store. State is truth only in the database,
// in the same transaction as the chunks, so a run that ends early leaves what it stored and the next one goes on from there.
import { basename } from 'node:path';
import type { ProjectDatabase } from '../database/database.js';
import { unchangedBlobs } from '../discovery/blobs.js';
import { type Discovery, discover } from '../discovery/discover.js';
import { resolveRoot } from '../discovery/root.js';
import type { Embedder } from '../embedding/embedder.js';
import { CodebaseError } from '../errors.js';
import type { IndexReport, Job } from '../service.js';
import { fingerprint, pipelineVersion } from './fingerprint.js';
import { unlessTakenOver, whileRunning } from './job-rows.js';
import type { Lanes } from './lanes.js';
import { type Plan, plan } from './plan.js';
import type { Outcome, PreparedFile } from './prepared.js';
import { countRepository, summarise } from './report.js';
import {
  finishRepository,
  knownFiles,
  knownRepository,
  openModel,
  openRepository,
  removeEmptyRepository,
  removeFiles,
  removeUnlessStored,
  type SkippedRow,
  type Target,
} from './store.js';
import { Writer } from './writer.js';

export interface Run {
  readonly database: ProjectDatabase;
  readonly embedder: Embedder;
  readonly lanes: Lanes;
  readonly projectId: string;
  /** Nothing is written when this job is running no longer. */
  readonly jobId: string;
  /** Absolute, real path. */
  readonly root: string;
  /** Only where the repository is indexed: what was removed stays so. */
  readonly known?: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

export type Progress = Pick<Job, 'phase' | 'files_done' | 'files_total' | 'current_file'>;

/** What the run did, by path. */
interface Tally {
  added: number;
  changed: number;
  unchanged: number;
  /** Known files that are there no longer, or are not indexable any more. */
  readonly gone: string[];
  readonly skipped: SkippedRow[];
  readonly failed: SkippedRow[];
}

/** Bring the index of one repository up to date. */
export async function indexRepository(run: Run): Promise<IndexReport> {
  const started = performance.now();
  report(run, 'discovering', 0, 0);
  const [discovery, current] = await Promise.all([discover(run.root, run.signal), fingerprintsByGit(run)]);
  refuseEmpty(run.root, discovery);
  const target = await openTarget(run);
  try {
    return await bringUpToDate(run, target, discovery, current, started);
  } catch (error) {
    // The database may be what failed.
    await unlessTakenOver(run.database.db, run, (tx) => removeUnlessStored(tx, target)).catch(() => {});
    throw error;
  }
}

async function bringUpToDate(
  run: Run,
  target: Target,
  discovery: Discovery,
  current: ReadonlyMap<string, string>,
  started: number,
): Promise<IndexReport> {
  report(run, 'comparing', 0, discovery.files.length);
  const known = await knownFiles(run.database.db, target);
  const work = plan(discovery.files, known, current);
  const tally = await process(run, target, work, known);
  // A disk that was unmounted in between has not lost its files.
  if (tally.skipped.some(({ reason }) => reason === 'vanished')) await resolveRoot(run.root);
  report(run, 'finishing', discovery.files.length, discovery.files.length);
  tally.gone.push(...work.removed);
  await whileRunning(run.database.db, run, (tx) => removeFiles(tx, target, tally.gone));
  const left = [
    ...discovery.skipped.map((s) => ({ ...s, detail: s.detail ?? null })),
    ...tally.skipped,
    ...tally.failed,
  ];
  const counts = await countRepository(run.database.db, target);
  if (counts.files === 0) {
    await whileRunning(run.database.db, run, (tx) => removeEmptyRepository(tx, target));
    throw nothingToIndex(run.root, left);
  }
  await finishRepository(run.database.db, target, left);
  if (tally.added + tally.changed + tally.gone.length > 0) await run.database.maintain();
  return {
    project: run.projectId,
    repository: run.root,
    ...counts,
    files_added: tally.added,
    files_changed: tally.changed,
    files_removed: tally.gone.length,
    files_unchanged: tally.unchanged,
    skipped: summarise(left.filter((row) => row.reason !== 'failed')),
    failed: tally.failed.map(({ path, detail }) => ({ path, message: detail ?? '' })),
    embedder: describe(run.embedder),
    duration_ms: Math.round(performance.now() - started),
  };
}

export function describe(embedder: Embedder): string {
  return `${embedder.provider} ${embedder.model}, ${embedder.dimensions} dimensions`;
}

function report(run: Run, phase: Progress['phase'], done: number, total: number, current: string | null = null): void {
  run.signal.throwIfAborted();
  run.onProgress({ phase, files_done: done, files_total: total, current_file: current });
}

async function openTarget(run: Run): Promise<Target> {
  const { db } = run.database;
  const modelId = await openModel(db, run.embedder);
  const repository = { projectId: run.projectId, path: run.root, name: basename(run.root) };
  return {
    projectId: run.projectId,
    jobId: run.jobId,
    repositoryId: await whileRunning(db, run, (tx) => (run.known ? knownRepository : openRepository)(tx, repository)),
    modelId,
    dimensions: run.embedder.dimensions,
  };
}

/** Path → fingerprint of the files that git vouches for. */
async function fingerprintsByGit(run: Run): Promise<ReadonlyMap<string, string>> {
  const pipeline = pipelineVersion(run.embedder);
  const blobs = await unchangedBlobs(run.root, run.signal);
  return new Map(Array.from(blobs, ([path, blob]) => [path, fingerprint(pipeline, blob)]));
}

/** Work through the batches, on all lanes at once. */
async function process(
  run: Run,
  target: Target,
  work: Plan,
  known: ReadonlyMap<string, string | null>,
): Promise<Tally> {
  const tally: Tally = { added: 0, changed: 0, unchanged: work.unchanged, gone: [], skipped: [], failed: [] };
  const total = work.batches.reduce((sum, batch) => sum + batch.length, 0);
  const queue = work.batches.values();
  let done = 0;
  const writer = new Writer(run.database, target);
  const failed = new AbortController();
  const signal = AbortSignal.any([run.signal, failed.signal]);
  const drain = async (): Promise<void> => {
    for (const batch of queue) {
      report(run, 'indexing', done, total, batch[0]?.path ?? null);
      const stalled = (path: string) =>
        run.onProgress({ phase: 'stalled', files_done: done, files_total: total, current_file: path });
      const outcomes = await run.lanes.prepare(run.root, batch, signal, stalled);
      const files = account(tally, outcomes, known);
      await writer.add(files); // the next batch is prepared while this one is stored
      done += batch.length;
    }
  };
  const drains = Array.from({ length: run.lanes.count }, drain);
  try {
    await Promise.all(drains);
    await writer.done();
  } catch (error) {
    failed.abort(error);
    throw error;
  } finally {
    await Promise.allSettled([...drains, writer.done()]);
  }
  return tally;
}

/** Add a batch's outcomes to the tally; returns the files to store. */
function account(
  tally: Tally,
  outcomes: readonly Outcome[],
  known: ReadonlyMap<string, string | null>,
): PreparedFile[] {
  const files: PreparedFile[] = [];
  for (const outcome of outcomes) {
    if (outcome.kind === 'unchanged') {
      tally.unchanged++;
    } else if (outcome.kind === 'ready') {
      if (known.has(outcome.path)) tally.changed++;
      else tally.added++;
      files.push(outcome.file);
    } else {
      if (known.has(outcome.path)) tally.gone.push(outcome.path);
      if (outcome.kind === 'skipped') tally.skipped.push(outcome);
      else tally.failed.push({ path: outcome.path, reason: 'failed', detail: outcome.message });
    }
  }
  return files;
}

function refuseEmpty(root: string, discovery: Discovery): void {
  if (discovery.files.length === 0) throw nothingToIndex(root, discovery.skipped);
}

function nothingToIndex(root: string, left: readonly { path: string; reason: string }[]): CodebaseError {
  const why = summarise(left).map((s) => `${s.files} ${s.reason}`);
  const seen = why.length === 0 ? 'it holds no files' : `skipped: ${why.join(', ')}`;
  return new CodebaseError(
    'no_source',
    `Nothing to index in ${root}: ${seen}; give the directory that holds the source code.`,
  );
}
