// The service every surface calls (command line, MCP), and the schemas of its requests and answers. The wire names are
// snake_case because the same objects are `--json` output and MCP structured content.
import { z } from 'zod';

export const DEFAULT_PROJECT = 'default';
export const MAX_QUERY_CHARACTERS = 10_000;
export const MAX_RESULTS = 100;
/** Globs or languages of one search: each is a condition on every file. */
const MAX_FILTERS = 100;

const Project = z.string().describe('Project id: lower-case letters, digits and hyphens, 1 to 50 characters');

export const ProjectRequest = z.object({ project: Project });
export const RenameProjectRequest = z.object({ project: Project, to: Project });

export const AddProjectRequest = z.object({
  project: Project,
  database: z.string().describe('Where the URL of its PostgreSQL database is found: env:NAME or file:/path'),
});

export const MoveRequest = z.object({
  project: Project,
  to: z.string().describe('embedded, server, or where the URL of a PostgreSQL is found: env:NAME or file:/path'),
  /** The other end of a move from or to the embedded database; it may hold a password. */
  server: z.object({ url: z.string(), isolation: z.enum(['database', 'shared']).optional() }).optional(),
});
export type MoveRequest = z.infer<typeof MoveRequest>;

export const IndexRequest = z.object({
  path: z.string().describe('Absolute path of the repository or directory to index'),
  project: Project.optional(),
});
export type IndexRequest = z.infer<typeof IndexRequest>;

const Skipped = z.object({
  reason: z.string().describe('Why these files are not indexed'),
  files: z.int(),
  examples: z.array(z.string()).describe('Paths of some of them'),
});

const Failed = z.object({ path: z.string(), message: z.string().describe('What happened') });

export const IndexReport = z.object({
  project: z.string(),
  repository: z.string().describe('Absolute path of the repository'),
  files: z.int().describe('Files in the index now'),
  chunks: z.int().describe('Chunks in the index now'),
  files_added: z.int(),
  files_changed: z.int(),
  files_removed: z.int(),
  files_unchanged: z.int(),
  languages: z.record(z.string(), z.int()).describe('Indexed files by language'),
  skipped: z.array(Skipped),
  failed: z.array(Failed),
  embedder: z.string(),
  duration_ms: z.int(),
});
export type IndexReport = z.infer<typeof IndexReport>;

/** Milliseconds for which a job that has ended can be asked for by its id. */
export const JOB_KEPT_MS = 3_600_000;
export const JOB_STATES = ['running', 'completed', 'failed', 'cancelled', 'interrupted'] as const;
/** `stalled`: the current file takes unusually long; it is given up after a while, and the others go on. */
export const JOB_PHASES = ['discovering', 'comparing', 'indexing', 'stalled', 'finishing'] as const;

export const Job = z.object({
  job_id: z.string(),
  project: z.string(),
  repository: z.string(),
  state: z.enum(JOB_STATES),
  phase: z.enum(JOB_PHASES),
  files_done: z.int(),
  files_total: z.int(),
  current_file: z.string().nullable(),
  started_at: z.string().describe('ISO 8601'),
  finished_at: z.string().nullable(),
  error: z.string().nullable(),
  report: IndexReport.nullable(),
});
export type Job = z.infer<typeof Job>;

export const DETAILS = ['paths', 'signatures', 'code'] as const;

/** Where to look, and how much to tell. */
const Narrowing = z.object({
  project: Project.optional(),
  repository: z
    .string()
    .optional()
    .describe('Absolute path inside the repository to search; indexed first if it never was'),
  paths: z
    .array(z.string().max(4096))
    .max(MAX_FILTERS)
    .default([])
    .describe('Globs a file must match, for example src/**/*.ts; !glob excludes'),
  languages: z
    .array(z.string().max(100))
    .max(MAX_FILTERS)
    .default([])
    .describe('Languages a file must be in, for example typescript'),
  limit: z.int().min(1).max(MAX_RESULTS).default(10).describe('Files to return, best first'),
  detail: z
    .enum(DETAILS)
    .default('code')
    .describe('What of each place: only where it is, also how it is declared, or its code'),
  max_tokens: z.int().min(200).max(100_000).default(6000).describe('Approximate size limit of the answer, in tokens'),
});

export const SearchRequest = z.object({
  query: z
    .string()
    .trim()
    .min(1)
    .max(MAX_QUERY_CHARACTERS)
    .describe('What the code does in plain words, a symbol, or a path'),
  projects: z
    .array(Project)
    .min(1)
    .max(MAX_FILTERS)
    .optional()
    .describe('Search all of these projects, instead of project and repository'),
  all_projects: z.boolean().default(false).describe('Search every project, instead of project and repository'),
  ...Narrowing.shape,
  explain: z
    .boolean()
    .default(false)
    .describe('Tell for each result what every signal of the ranking adds to its score'),
});
export type SearchRequest = z.input<typeof SearchRequest>;

export const RelatedRequest = z.object({
  file: z.string().min(1).max(4096).describe('Absolute path of the file that the code is to be similar to'),
  line: z
    .int()
    .min(1)
    .optional()
    .describe('A line of the function or other place that is meant; default: the whole file'),
  ...Narrowing.shape,
});
export type RelatedRequest = z.input<typeof RelatedRequest>;

const Place = z.object({
  start_line: z.int().describe('1-based, inclusive'),
  end_line: z.int(),
  symbol: z.string().nullable().describe('Qualified name, for example Parser.parse'),
  kind: z.string().nullable().describe('function, method, class, …'),
});

export const SearchResult = Place.extend({
  project: z.string(),
  repository: z.string(),
  path: z.string().describe('Relative to the repository'),
  language: z.string().nullable(),
  score: z.number(),
  code_line: z.int().describe('Line that code begins with'),
  code: z.string().describe('As much of it as detail asks for'),
  truncated: z.boolean().describe('True when max_tokens left room only for the first lines'),
  more: z.array(Place).describe('Further places in the same file'),
  why: z
    .array(
      z.object({ signal: z.string(), value: z.number(), points: z.number().describe('What it adds to the score') }),
    )
    .optional()
    .describe('Every signal of the ranking, the weightiest first; only with explain'),
});
export type SearchResult = z.infer<typeof SearchResult>;

export const FRESHNESS = ['fresh', 'refreshed', 'stale'] as const;

export const SearchAnswer = z.object({
  query: z.string(),
  project: z.string(),
  results: z.array(SearchResult),
  searched: z.object({
    repositories: z.array(z.string()),
    files: z.int(),
    chunks: z.int(),
    files_left_out: z.int().describe('Files of the repositories that are not indexed on purpose; status says why'),
  }),
  freshness: z
    .enum(FRESHNESS)
    .describe(
      'fresh: the files shown are as indexed; refreshed: they had changed and were indexed again; stale: not yet',
    ),
  indexed_now: IndexReport.nullable().describe('Set when the repository had to be indexed first'),
  notes: z.array(z.string()).describe('What the reader should know: filters, cut results, running jobs'),
  elapsed_ms: z.number(),
});
export type SearchAnswer = z.infer<typeof SearchAnswer>;

export const RelatedAnswer = SearchAnswer.omit({ query: true }).extend({
  place: Place.extend({ repository: z.string(), path: z.string() }).describe('What the results are similar to'),
});
export type RelatedAnswer = z.infer<typeof RelatedAnswer>;

export const FileRequest = z.object({
  project: Project.optional(),
  repository: z.string().describe('Absolute path of an indexed repository'),
  path: z.string().min(1).describe('An indexed file, relative to the repository'),
  start_line: z.int().min(1).default(1),
  end_line: z.int().min(1).optional().describe('Inclusive; default: the last line'),
});
export type FileRequest = z.input<typeof FileRequest>;

export const FileAnswer = z.object({
  repository: z.string(),
  path: z.string(),
  language: z.string().nullable(),
  start_line: z.int(),
  end_line: z.int(),
  lines: z.int().describe('Lines of the whole file'),
  text: z.string().describe('The lines asked for, as they are on disk; secrets are redacted'),
});
export type FileAnswer = z.infer<typeof FileAnswer>;

export const PathsRequest = z.object({
  project: Project.optional(),
  repository: z.string().describe('Absolute path of an indexed repository'),
  part: z.string().default('').describe('Part of the paths wanted'),
  limit: z.int().min(1).max(MAX_RESULTS).default(MAX_RESULTS),
});
export type PathsRequest = z.input<typeof PathsRequest>;

export const PathsAnswer = z.object({ paths: z.array(z.string()), total: z.int() });
export type PathsAnswer = z.infer<typeof PathsAnswer>;

export const Repository = z.object({
  project: z.string(),
  path: z.string(),
  name: z.string(),
  files_seen: z.int().describe('Files found: indexed, skipped and failed; a directory left out counts once'),
  files: z.int(),
  chunks: z.int(),
  skipped: z.array(Skipped),
  failed: z.array(Failed).describe('The first 20'),
  indexed_at: z.string().nullable(),
});
export type Repository = z.infer<typeof Repository>;

const PoolStatus = z.object({
  open: z.int().describe('Projects with open connections'),
  max_projects: z.int(),
  max_connections_per_pool: z.int(),
  hits: z.int().describe('Requests that found their project open'),
  misses: z.int(),
  evictions: z.int(),
  waits: z.int().describe('Requests that waited for room'),
  leaks: z.int().describe('Connections that were not given back'),
});
export type PoolStatus = z.infer<typeof PoolStatus>;

export const StatusAnswer = z.object({
  engine: z.string().describe('Engine, version and where the data is'),
  schema_revision: z.string(),
  embedder: z.string(),
  repositories: z.array(Repository),
  jobs: z.array(Job).describe('Running jobs and the last ended one of each repository'),
  unavailable: z
    .array(z.object({ project: z.string(), reason: z.string() }))
    .describe('Projects whose database cannot be asked at present'),
  pools: PoolStatus.nullable().describe('Connections by project; null where all projects share one database'),
});
export type StatusAnswer = z.infer<typeof StatusAnswer>;

export const ProjectSummary = z.object({
  id: z.string(),
  repositories: z.int(),
  files: z.int(),
  chunks: z.int(),
  unavailable: z
    .string()
    .optional()
    .describe('Why its database cannot be asked at present; the numbers mean nothing then'),
});
export type ProjectSummary = z.infer<typeof ProjectSummary>;

export const RemoveAnswer = z.object({ project: z.string(), repository: z.string(), files: z.int(), chunks: z.int() });
export type RemoveAnswer = z.infer<typeof RemoveAnswer>;

export const RemoveProjectAnswer = ProjectSummary.omit({ id: true, unavailable: true }).extend({
  project: z.string(),
  bytes: z.int().describe('What its rows took, or its database where it had one'),
});
export type RemoveProjectAnswer = z.infer<typeof RemoveProjectAnswer>;

export const RenameProjectAnswer = z.object({ project: z.string(), to: z.string() });
export type RenameProjectAnswer = z.infer<typeof RenameProjectAnswer>;

export const AddProjectAnswer = z.object({ project: z.string(), database: z.string().describe('Where it is') });

export const MoveAnswer = z.object({
  project: z.string(),
  to: z.string().describe('Where it is now'),
  tables: z
    .array(z.object({ table: z.string(), rows: z.int(), checksum: z.string() }))
    .describe('What was counted and summed up at both ends, and was equal'),
  next: z.string().describe('What has to be set for it to be found'),
});
export type MoveAnswer = z.infer<typeof MoveAnswer>;

/** Reports a running job; called a few times a second at most. */
export type OnProgress = (job: Job) => void;

/** How far a move is, over all its tables; how many rows there are is known when they have been counted. */
export const MoveProgress = z.object({
  phase: z.enum(['counting', 'copying', 'comparing', 'finishing']),
  table: z.string().nullable(),
  rows_done: z.int(),
  rows_total: z.int(),
});
export type MoveProgress = z.infer<typeof MoveProgress>;
export type OnMove = (progress: MoveProgress) => void;

export interface Codebase {
  /** Index a repository or bring its index up to date, and wait for it. Aborting the signal cancels the job. */
  index(request: IndexRequest, options?: { signal?: AbortSignal; onProgress?: OnProgress }): Promise<IndexReport>;
  /** The same in the background: answers at once with the job, or with the one already running for that repository. */
  startIndexing(request: IndexRequest): Promise<Job>;
  job(id: string): Promise<Job>;
  cancel(id: string): Promise<Job>;
  search(request: SearchRequest, options?: { signal?: AbortSignal; onProgress?: OnProgress }): Promise<SearchAnswer>;
  /** Code like that of a place: of the function at a line, or of a whole file. Aborting the signal ends the search. */
  related(request: RelatedRequest, options?: { signal?: AbortSignal; onProgress?: OnProgress }): Promise<RelatedAnswer>;
  /** An indexed file as it is on disk. */
  readFile(request: FileRequest): Promise<FileAnswer>;
  /** Indexed files with `part` in their path, those that begin with it first. */
  listPaths(request: PathsRequest): Promise<PathsAnswer>;
  /** `path`: only the repository that holds it. `project`: only that project. */
  status(request: { project?: string | undefined; path?: string | undefined }): Promise<StatusAnswer>;
  projects(): Promise<readonly ProjectSummary[]>;
  /** Remove a repository from the index; its files on disk are not touched. */
  remove(request: { path: string; project?: string | undefined }): Promise<RemoveAnswer>;
  /** Cancel a project's jobs and remove all that is indexed in it. */
  removeProject(request: { project: string }): Promise<RemoveProjectAnswer>;
  /** Give a project another id that is not in use; its jobs are cancelled. */
  renameProject(request: { project: string; to: string }): Promise<RenameProjectAnswer>;
  /**
   * Move a project with its data to another database; its jobs are cancelled. It is removed where it was when counts and
   * checksums are equal; aborting the signal leaves it there.
   */
  moveProject(request: MoveRequest, options?: { signal?: AbortSignal; onMove?: OnMove }): Promise<MoveAnswer>;
  /** Name the database of a project that is not there yet: its first index goes there. */
  addProject(request: { project: string; database: string }): Promise<{ project: string; database: string }>;
  /** Cancel what runs and close the database; resolves within a second. */
  close(): Promise<void>;
}
