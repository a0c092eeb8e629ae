// The tool `cancel_indexing`.
import { z } from 'zod';
import { CodebaseError } from '../../errors.js';
import { IndexRequest, type Job } from '../../service.js';
import { renderJob } from '../render/report.js';
import { JobOutput } from './outputs.js';
import type { Call, Tool } from './tool.js';

const Input = z.object({
  job_id: z.string().optional().describe('Job to cancel, from index_repository or get_indexing_status'),
  path: z
    .string()
    .optional()
    .describe('Without job_id: absolute path of the repository whose indexing to cancel; default: the current one'),
  project: IndexRequest.shape.project,
});

const DESCRIPTION = `Stop an indexing job that runs. What it stored by then stays searchable; index_repository goes on from there.

Use it when indexing was started for the wrong directory or is in the way. Not for removing an index (remove_repository),
not needed before index_repository or a search: both join a job that runs.

Example: {"job_id": "9c879d6b-05bf-4f1c-a923-8c1bccb745b5"}`;

export const cancelIndexing: Tool<typeof Input, typeof JobOutput> = {
  name: 'cancel_indexing',
  title: 'Cancel indexing',
  description: DESCRIPTION,
  input: Input,
  output: JobOutput,
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  run: async ({ job_id, path, project }, call) => {
    const id = job_id ?? (await runningJob(call, call.repository(path), project)).job_id;
    const job = await call.codebase.cancel(id);
    const rest =
      job.state === 'cancelled' ? '\nWhat it stored stays searchable; index_repository goes on from there.' : '';
    return { structured: job, text: `${renderJob(job)}${rest}` };
  },
};

/** Every project is looked at when none is named: a first indexing has a job before it has a repository. */
async function runningJob({ codebase }: Call, repository: string, project: string | undefined): Promise<Job> {
  const { jobs } = await codebase.status({ project });
  const found = jobs.find((job) => job.state === 'running' && job.repository === repository);
  if (found !== undefined) return found;
  throw new CodebaseError(
    'not_found',
    `No indexing job runs for ${repository}; get_indexing_status without arguments lists the jobs.`,
  );
}
