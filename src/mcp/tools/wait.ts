// Waiting for a background job for a bounded time.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from '../../service.js';
import type { Call } from './tool.js';

/** Long enough for most repositories, short enough for the time limits of clients. */
export const WAIT_MILLISECONDS = 20_000;
const POLL_MILLISECONDS = 200;

/** Follows a job until it ends or the time is over and answers with its last state; a cancelled call stops waiting. */
export async function waitForJob(job: Job, { codebase, signal, onProgress }: Call, milliseconds: number): Promise<Job> {
  const deadline = performance.now() + milliseconds;
  let latest = job;
  while (latest.state === 'running' && performance.now() < deadline) {
    onProgress(latest);
    await sleep(POLL_MILLISECONDS, undefined, { signal });
    latest = await codebase.job(job.job_id);
  }
  return latest;
}
