// Waiting for a background job for a bounded time.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from '../../service.js';
import type { Call } from './tool.js';

/** Long enough for most repositories, short enough for the time limits of clients. */
export const WAIT_MILLISECONDS = 20_000;
const POLL_MILLISECONDS = 200;
/** For so long a job whose process has died may be taken up by the next one. */
const TAKEN_UP_MILLISECONDS = 10_000;

/** Comes there nothing more? */
export function hasEnded({ state, finished_at }: Job): boolean {
  if (state !== 'interrupted' || finished_at === null) return state !== 'running';
  return Date.now() - Date.parse(finished_at) > TAKEN_UP_MILLISECONDS;
}

/** Follows a job until it ends or the time is over and answers with its last state; a cancelled call stops waiting. */
export async function waitForJob(job: Job, { codebase, signal, onProgress }: Call, milliseconds: number): Promise<Job> {
  const deadline = performance.now() + milliseconds;
  let latest = job;
  while (!hasEnded(latest) && performance.now() < deadline) {
    onProgress(latest);
    await sleep(POLL_MILLISECONDS, undefined, { signal });
    latest = await codebase.job(job.job_id);
  }
  return latest;
}
