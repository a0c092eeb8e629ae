// The tool `get_indexing_status`.
import { z } from 'zod';
import { CodebaseError } from '../../errors.js';
import { IndexRequest, type Job, type StatusAnswer } from '../../service.js';
import { renderJob } from '../render/report.js';
import { renderStatus } from '../render/status.js';
import { StatusOutput } from './outputs.js';
import type { Answer, Call, Tool } from './tool.js';
import { WAIT_MILLISECONDS, waitForJob } from './wait.js';

const Input = z.object({
  job_id: z.string().optional().describe('Job to follow, from index_repository; waits up to 20 s for it to end'),
  path: z.string().optional().describe('Only the repository that holds this absolute path'),
  project: IndexRequest.shape.project,
});

const DESCRIPTION = `What is indexed and how far a running job is: repositories with file and chunk counts, when they were indexed, which
files were skipped and why, running jobs and failed ones.

Use it with the job_id of index_repository until the state is no longer "running" (each call waits up to 20 s, so no
pauses are needed between calls), or without arguments to see what can be searched. Not needed before search_code.

Examples: {"job_id": "9c879d6b-05bf-4f1c-a923-8c1bccb745b5"} or {"path": "/home/me/project"} or {}`;

export const getIndexingStatus: Tool<typeof Input, typeof StatusOutput> = {
  name: 'get_indexing_status',
  title: 'Get indexing status',
  description: DESCRIPTION,
  input: Input,
  output: StatusOutput,
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  run: async ({ job_id, path, project }, call) => {
    if (job_id !== undefined) return followJob(job_id, call);
    const status = await call.codebase.status({
      project,
      path: path === undefined ? undefined : call.repository(path),
    });
    return { structured: status, text: renderStatus(status) };
  },
};

async function followJob(id: string, call: Call): Promise<Answer<StatusAnswer>> {
  const job = await waitForJob(await call.codebase.job(id), call, WAIT_MILLISECONDS);
  const status = await statusOf(job, call);
  return {
    structured: { ...status, jobs: [job] },
    text: `${renderJob(job)}\n${renderStatus({ ...status, jobs: [] })}`,
  };
}

/** Of the job's repository, which a first run that stored nothing has not left behind. */
async function statusOf({ project, repository }: Job, { codebase }: Call): Promise<StatusAnswer> {
  try {
    return await codebase.status({ project, path: repository });
  } catch (error) {
    if (!(error instanceof CodebaseError && error.code === 'not_found')) throw error;
    return { ...(await codebase.status({})), repositories: [] };
  }
}
