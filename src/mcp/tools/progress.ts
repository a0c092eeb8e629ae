// Progress of a job to the client, as notifications; only when the client asked for them with a token.
import type { ServerContext } from '@modelcontextprotocol/server';
import type { Job, OnProgress } from '../../service.js';
import { progressLine } from '../render/report.js';

export function progressOf(context: ServerContext): OnProgress {
  const progressToken = context.mcpReq._meta?.progressToken;
  if (progressToken === undefined) return () => {};
  let last = -1;
  return (job) => {
    const progress = share(job);
    if (progress <= last) return; // the protocol wants each value above the last
    last = progress;
    const params = { progressToken, progress, total: 1, message: progressLine(job) };
    // A client that has gone away is no reason to stop the job.
    context.mcpReq.notify({ method: 'notifications/progress', params }).catch(() => {});
  };
}

/** 0 to 1; files count for 0.9 of the way because discovery comes before and finishing after them. */
function share({ phase, files_done, files_total }: Job): number {
  if (phase === 'discovering') return 0;
  if (phase === 'comparing') return 0.05;
  if (phase === 'finishing') return 0.95;
  return 0.05 + (files_total === 0 ? 0 : (0.9 * files_done) / files_total);
}
