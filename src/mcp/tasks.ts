// The Tasks extension (2026-07-28): an indexing job as a task, for clients that declare it. The job's row is all there is to
// a task, so that it can be asked for over any connection, and after the process that began it has ended.
import {
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  type McpServer,
  MissingRequiredClientCapabilityError,
  ProtocolError,
  ProtocolErrorCode,
  type Result,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import { CodebaseError } from '../errors.js';
import { describeFailure } from '../failure.js';
import { type Codebase, JOB_KEPT_MS, type Job } from '../service.js';
import type { Backend } from './backend.js';
import { progressLine, renderJob } from './render/report.js';
import { hasEnded } from './tools/wait.js';

/** The extension, as capabilities declare it. */
export const TASKS = { 'io.modelcontextprotocol/tasks': {} } as const;

const POLL_MS = 1000;

/** Says this request that its sender understands tasks? */
export function declaresTasks(context: ServerContext): boolean {
  const envelope = context.mcpReq.envelope as Readonly<Record<string, ClientCapabilities>> | undefined;
  const [name] = Object.keys(TASKS) as [keyof typeof TASKS];
  return envelope?.[CLIENT_CAPABILITIES_META_KEY]?.extensions?.[name] !== undefined;
}

/** What all shapes of a task have. Times are ISO 8601, durations milliseconds. */
export function taskOf(job: Job) {
  const { job_id: taskId, started_at: createdAt, finished_at } = job;
  const ended = hasEnded(job) ? finished_at : null;
  return {
    taskId,
    status: statusOf(job),
    statusMessage: ended === null ? progressLine(job) : (job.error ?? job.state),
    createdAt,
    lastUpdatedAt: ended ?? new Date().toISOString(),
    ttlMs: ended === null ? null : Date.parse(ended) - Date.parse(createdAt) + JOB_KEPT_MS,
    pollIntervalMs: POLL_MS,
  };
}

/** `failed` is for what ended the call itself; a job that failed is what the tool has to say. */
function statusOf(job: Job): 'working' | 'completed' | 'cancelled' | 'failed' {
  if (!hasEnded(job)) return 'working';
  if (job.state === 'cancelled') return 'cancelled';
  return job.state === 'interrupted' ? 'failed' : 'completed';
}

export function registerTasks(server: McpServer, backend: Backend): void {
  const handle = (method: string, answer: (codebase: Codebase, id: string) => Promise<Result>) => {
    server.server.setRequestHandler(method, { params: TaskParams }, async ({ taskId }, context) => {
      if (!declaresTasks(context)) throw new MissingRequiredClientCapabilityError(REQUIRED);
      try {
        return await answer(await backend.codebase(context), taskId);
      } catch (error) {
        const { sentence } = await describeFailure(error, async () => backend.config.logFile);
        const { InvalidParams, InternalError } = ProtocolErrorCode;
        throw new ProtocolError(error instanceof CodebaseError ? InvalidParams : InternalError, sentence);
      }
    });
  };
  handle('tasks/get', async (codebase, id) => detailed(await codebase.job(id)));
  // Nothing is ever asked of the client, so that there are no answers to take.
  handle('tasks/update', async (codebase, id) => acknowledge(codebase.job(id)));
  handle('tasks/cancel', async (codebase, id) => acknowledge(codebase.cancel(id)));
}

const TaskParams = z.object({ taskId: z.string() });

const REQUIRED = { requiredCapabilities: { extensions: TASKS } };

async function acknowledge(job: Promise<Job>): Promise<Result> {
  await job;
  return {};
}

/** The task, and its end where it has one: what index_repository would have answered. */
function detailed(job: Job): Result {
  const task = taskOf(job);
  if (task.status === 'completed') {
    const content = [{ type: 'text', text: renderJob(job) }];
    return { ...task, result: { resultType: 'complete', content, structuredContent: job } };
  }
  if (task.status === 'failed')
    return { ...task, error: { code: ProtocolErrorCode.InternalError, message: task.statusMessage } };
  return task;
}
