// The methods of the service as a table: how a request and an answer are checked on both sides of the socket, and whether a
// request may be sent again when the owner died before it answered.
import { z } from 'zod';
import {
  AddProjectAnswer,
  AddProjectRequest,
  type Codebase,
  FileAnswer,
  FileRequest,
  IndexReport,
  IndexRequest,
  Job,
  MoveAnswer,
  MoveRequest,
  type OnMove,
  type OnProgress,
  PathsAnswer,
  PathsRequest,
  ProjectRequest,
  ProjectSummary,
  RelatedAnswer,
  RelatedRequest,
  RemoveAnswer,
  RemoveProjectAnswer,
  RenameProjectAnswer,
  RenameProjectRequest,
  SearchAnswer,
  SearchRequest,
  StatusAnswer,
} from '../service.js';

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
  readonly onMove?: OnMove;
}

interface Method<Q extends z.ZodType, A extends z.ZodType> {
  readonly request: Q;
  readonly answer: A;
  readonly repeatable: boolean;
  readonly run: (codebase: Codebase, request: z.output<Q>, options: CallOptions) => Promise<z.input<A>>;
}

const JobId = z.object({ job_id: z.string() });
const StatusRequest = z.object({ project: z.string().optional(), path: z.string().optional() });
const RemoveRequest = z.object({ path: z.string(), project: z.string().optional() });

/** Two that index the same join one job, and a second run goes on where the first one ended: indexing may be repeated. */
export const METHODS = {
  index: row({
    request: IndexRequest,
    answer: IndexReport,
    repeatable: true,
    run: (codebase, request, options) => codebase.index(request, options),
  }),
  startIndexing: row({
    request: IndexRequest,
    answer: Job,
    repeatable: true,
    run: (codebase, request) => codebase.startIndexing(request),
  }),
  job: row({ request: JobId, answer: Job, repeatable: true, run: (codebase, { job_id }) => codebase.job(job_id) }),
  cancel: row({
    request: JobId,
    answer: Job,
    repeatable: true,
    run: (codebase, { job_id }) => codebase.cancel(job_id),
  }),
  search: row({
    request: SearchRequest,
    answer: SearchAnswer,
    repeatable: true,
    run: (codebase, request, options) => codebase.search(request, options),
  }),
  related: row({
    request: RelatedRequest,
    answer: RelatedAnswer,
    repeatable: true,
    run: (codebase, request, options) => codebase.related(request, options),
  }),
  readFile: row({
    request: FileRequest,
    answer: FileAnswer,
    repeatable: true,
    run: (codebase, request) => codebase.readFile(request),
  }),
  listPaths: row({
    request: PathsRequest,
    answer: PathsAnswer,
    repeatable: true,
    run: (codebase, request) => codebase.listPaths(request),
  }),
  status: row({
    request: StatusRequest,
    answer: StatusAnswer,
    repeatable: true,
    run: (codebase, request) => codebase.status(request),
  }),
  projects: row({
    request: z.object({}),
    answer: z.array(ProjectSummary),
    repeatable: true,
    run: async (codebase) => [...(await codebase.projects())],
  }),
  remove: row({
    request: RemoveRequest,
    answer: RemoveAnswer,
    repeatable: false,
    run: (codebase, request) => codebase.remove(request),
  }),
  removeProject: row({
    request: ProjectRequest,
    answer: RemoveProjectAnswer,
    repeatable: false,
    run: (codebase, request) => codebase.removeProject(request),
  }),
  renameProject: row({
    request: RenameProjectRequest,
    answer: RenameProjectAnswer,
    repeatable: false,
    run: (codebase, request) => codebase.renameProject(request),
  }),
  moveProject: row({
    request: MoveRequest,
    answer: MoveAnswer,
    repeatable: false,
    run: (codebase, request, options) => codebase.moveProject(request, options),
  }),
  addProject: row({
    request: AddProjectRequest,
    answer: AddProjectAnswer,
    repeatable: false,
    run: (codebase, request) => codebase.addProject(request),
  }),
} as const;

export type MethodName = keyof typeof METHODS;
export type RequestOf<M extends MethodName> = z.input<(typeof METHODS)[M]['request']>;
export type AnswerOf<M extends MethodName> = z.output<(typeof METHODS)[M]['answer']>;

function row<Q extends z.ZodType, A extends z.ZodType>(method: Method<Q, A>): Method<Q, A> {
  return method;
}
