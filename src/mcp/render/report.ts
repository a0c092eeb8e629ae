// What an indexing run did, and how far a running one is, as text.
import { SKIP_REASONS } from '../../discovery/skip.js';
import type { IndexReport, Job } from '../../service.js';
import { count, duration, visible } from './style.js';

export function renderReport(report: IndexReport): string {
  return [
    indexedLine(report),
    `  ${count(filesSeen(report), 'file')} seen: ${report.files_added} added, ${report.files_changed} changed, ${report.files_removed} removed, ${report.files_unchanged} unchanged`,
    `  languages: ${byCount(report.languages)}`,
    ...renderSkipped(report.skipped),
    ...renderFailed(report.failed),
  ].join('\n');
}

/** What there was to look at; a directory that was left out counts once. */
function filesSeen({ files, skipped, failed }: IndexReport): number {
  return files + failed.length + skipped.reduce((sum, left) => sum + left.files, 0);
}

/** One line: where, how much, how long. */
export function indexedLine(report: IndexReport): string {
  const { repository, files, chunks, duration_ms, embedder, project } = report;
  return `${repository}: ${count(files, 'file')} and ${count(chunks, 'chunk')} in the index after ${duration(duration_ms)} (project ${project}, embedder ${embedder})`;
}

export function renderSkipped(skipped: IndexReport['skipped']): readonly string[] {
  return skipped.map(({ reason, files, examples }) => {
    const rest = files > examples.length ? ', …' : '';
    return `  skipped ${count(files, 'file')}, ${reason}${explained(reason)}: ${visible(examples.join(', '))}${rest}`;
  });
}

function explained(reason: string): string {
  const explanations: Readonly<Record<string, string>> = SKIP_REASONS;
  const explanation = explanations[reason];
  return explanation === undefined || explanation === reason ? '' : ` (${explanation})`;
}

const SHOWN_FAILURES = 20;

export function renderFailed(failed: IndexReport['failed']): readonly string[] {
  const shown = failed
    .slice(0, SHOWN_FAILURES)
    .map(({ path, message }) => `  failed ${visible(path)}: ${visible(message)}`);
  const rest = failed.length - shown.length;
  return rest > 0 ? [...shown, `  and ${count(rest, 'more failed file')}`] : shown;
}

export function byCount(languages: Readonly<Record<string, number>>): string {
  const sorted = Object.entries(languages).sort(([a, m], [b, n]) => n - m || a.localeCompare(b));
  return sorted.length === 0 ? 'none' : sorted.map(([name, n]) => `${name} ${n}`).join(', ');
}

export function renderJob(job: Job): string {
  const { job_id: id, state, repository, error } = job;
  const head = `Job ${id}, ${repository}: ${state}`;
  if (state === 'running') return `${head}, ${progressLine(job)}. get_indexing_status with this job_id follows it.`;
  if (job.report !== null) return `${head}.\n${renderReport(job.report)}`;
  return error === null ? `${head}.` : `${head}. ${visible(error)}`;
}

/** `indexing 300 of 1,000 files, src/app.ts`. */
export function progressLine({ phase, files_done, files_total, current_file }: Job): string {
  const done = files_total === 0 ? '' : ` ${files_done.toLocaleString('en-US')} of ${count(files_total, 'file')}`;
  const file = visible(current_file ?? '');
  if (phase === 'stalled') return `stalled${done} at ${file}, which is given up if it takes much longer`;
  return `${phase}${done}${file === '' ? '' : `, ${file}`}`;
}
