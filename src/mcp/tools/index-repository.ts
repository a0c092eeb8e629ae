// The tool `index_repository`.
import { IndexRequest } from '../../service.js';
import { renderJob } from '../render/report.js';
import { JobOutput } from './outputs.js';
import type { Tool } from './tool.js';
import { hasEnded, WAIT_MILLISECONDS, waitForJob } from './wait.js';

/** A job that takes longer becomes a task where the client understands that. */
const TASK_AFTER_MILLISECONDS = 1000;

const Input = IndexRequest.extend({
  path: IndexRequest.shape.path
    .optional()
    .describe('Absolute path of the repository or directory; default: the repository the server was started in'),
});

const DESCRIPTION = `Index a code repository, or bring its index up to date, so that search_code finds things in it.

Use it after files changed a lot (a branch switch, a pull, a large edit), or for a repository other than the current one.
Not needed before a first search: search_code indexes a repository that never was. Not for reading files.

Only new and changed files are processed, so a second run is quick. The job runs in the background: a small repository
comes back completed; a large one comes back with state "running" and a job_id, which get_indexing_status follows. Files
that are skipped or fail are listed with reasons.

Example: {"path": "/home/me/project"}`;

export const indexRepository: Tool<typeof Input, typeof JobOutput> = {
  name: 'index_repository',
  title: 'Index repository',
  description: DESCRIPTION,
  input: Input,
  output: JobOutput,
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  run: async ({ path, project }, call) => {
    const started = await call.codebase.startIndexing({ path: call.repository(path), project });
    const cancel = () => void call.codebase.cancel(started.job_id).catch(() => {});
    call.signal.addEventListener('abort', cancel, { once: true });
    const job = await waitForJob(started, call, call.tasks ? TASK_AFTER_MILLISECONDS : WAIT_MILLISECONDS).finally(() =>
      call.signal.removeEventListener('abort', cancel),
    );
    return { structured: job, text: renderJob(job), ...(call.tasks && !hasEnded(job) && { task: job }) };
  },
};
