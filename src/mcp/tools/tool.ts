// What a tool is here, and how one is registered: arguments are read tolerantly, every answer is text and structured
// content that say the same, every error is an answer with `isError`.
import {
  type CallToolResult,
  type InputRequiredResult,
  isInputRequiredResult,
  type McpServer,
  SdkError,
  SdkErrorCode,
  type ServerContext,
  type ToolAnnotations,
} from '@modelcontextprotocol/server';
import type { z } from 'zod';
import { describeFailure } from '../../failure.js';
import { parseRequest } from '../../requests.js';
import type { Codebase, Job, OnProgress } from '../../service.js';
import type { Backend } from '../backend.js';
import { declaresTasks, taskOf } from '../tasks.js';
import { renamed } from './aliases.js';
import { type Confirmation, confirmationOf } from './confirmation.js';
import { listedSchema } from './listed-schema.js';
import { progressOf } from './progress.js';

/** What a tool may use while it answers one call. */
export interface Call {
  readonly codebase: Codebase;
  readonly repository: Backend['repository'];
  readonly searched: Backend['searched'];
  /** Aborted when the client cancels the call. A window that is closed cancels nothing: its job comes to the end. */
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
  readonly confirmation: Confirmation;
  /** Does the client understand an answer that is a task? */
  readonly tasks: boolean;
}

export interface Answer<T> {
  readonly structured: T;
  readonly text: string;
  /** Set when the client is to follow this job as a task; the rest is how far it is by now. */
  readonly task?: Job;
}

export interface Tool<I extends z.ZodObject, O extends z.ZodObject> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: I;
  readonly output: O;
  readonly annotations: ToolAnnotations;
  /** Answers, or has the client ask the person first (confirmation.ts). */
  readonly run: (request: z.output<I>, call: Call) => Promise<Answer<z.output<O>> | InputRequiredResult>;
}

export function registerTool<I extends z.ZodObject, O extends z.ZodObject>(
  server: McpServer,
  backend: Backend,
  tool: Tool<I, O>,
): void {
  server.registerTool(tool.name, listedOf(tool), (raw: Raw, context: ServerContext) =>
    answer(backend, tool, raw, context, confirmationOf(context, server.server.getClientCapabilities())),
  );
}

/** Over HTTP there is a server for every request; what the list says of a tool is the same in all of them. */
const listed = new WeakMap<object, ReturnType<typeof listedAs>>();

function listedOf<I extends z.ZodObject, O extends z.ZodObject>(tool: Tool<I, O>): ReturnType<typeof listedAs> {
  const known = listed.get(tool) ?? listedAs(tool);
  listed.set(tool, known);
  return known;
}

function listedAs({ title, description, annotations, input, output }: Tool<z.ZodObject, z.ZodObject>) {
  const inputSchema = listedSchema<Raw>(input, accept);
  const outputSchema = listedSchema(output, output['~standard'].validate);
  return { title, description, inputSchema, outputSchema, annotations };
}

type Raw = Readonly<Record<string, unknown>>;

/** Ours says in one sentence what is wrong with an argument; the SDK's check must not come first. */
const accept = (value: unknown) => ({ value: value as Raw });

async function answer<I extends z.ZodObject, O extends z.ZodObject>(
  backend: Backend,
  tool: Tool<I, O>,
  raw: Raw,
  context: ServerContext,
  confirmation: Confirmation,
): Promise<CallToolResult | InputRequiredResult> {
  try {
    const request = parseRequest(tool.input, renamed(raw, Object.keys(tool.input.shape)));
    const signal = cancellation(context.mcpReq.signal);
    const codebase = await backend.codebase(context);
    const { repository, searched } = backend;
    const outcome = await tool.run(request, {
      codebase,
      repository,
      searched,
      signal,
      onProgress: progressOf(context),
      confirmation,
      tasks: declaresTasks(context),
    });
    if (isInputRequiredResult(outcome)) return outcome;
    // The SDK wants what the tool's output schema says of a task too.
    const task = outcome.task && { resultType: 'task', ...taskOf(outcome.task) };
    return { ...task, content: [{ type: 'text', text: outcome.text }], structuredContent: outcome.structured };
  } catch (error) {
    const { sentence } = await describeFailure(error, async () => backend.config.logFile);
    return { content: [{ type: 'text', text: sentence }], isError: true };
  }
}

/** The SDK aborts a call when it is cancelled and when the connection ends; only the first is somebody's wish. */
function cancellation(signal: AbortSignal): AbortSignal {
  const controller = new AbortController();
  const ended = () => {
    const { reason } = signal;
    if (reason instanceof SdkError && reason.code === SdkErrorCode.ConnectionClosed) return;
    controller.abort(reason);
  };
  if (signal.aborted) ended();
  signal.addEventListener('abort', ended, { once: true });
  return controller.signal;
}
