// Status, projects and removals as text.
import type {
  MoveAnswer,
  MoveProgress,
  ProjectSummary,
  RemoveAnswer,
  RemoveProjectAnswer,
  Repository,
  StatusAnswer,
} from '../../service.js';
import { renderFailed, renderJob, renderSkipped } from './report.js';
import { bytes, count } from './style.js';

export function renderStatus(status: StatusAnswer): string {
  const repositories = status.repositories.map(renderRepository);
  return [
    ...(repositories.length === 0 ? ['Nothing is indexed here.'] : repositories),
    ...status.jobs.filter((job) => job.state !== 'completed').map(renderJob),
    ...status.unavailable.map(({ project, reason }) => `Project ${project} cannot be asked: ${reason}`),
    ...renderPools(status.pools),
    `Engine: ${status.engine}; schema ${status.schema_revision}; embedder ${status.embedder}.`,
  ].join('\n');
}

function renderPools(pools: StatusAnswer['pools']): readonly string[] {
  if (pools === null) return [];
  const { open, max_projects, max_connections_per_pool, hits, misses, evictions, waits, leaks } = pools;
  return [
    `Connections: ${open} of at most ${count(max_projects, 'project')} open, with at most ${max_connections_per_pool} each; hits ${hits}, misses ${misses}, evictions ${evictions}, waits ${waits}, leaks ${leaks}.`,
  ];
}

function renderRepository(repository: Repository): string {
  const when = repository.indexed_at === null ? 'never indexed completely' : `indexed ${repository.indexed_at}`;
  const { path, project, files, files_seen, chunks, skipped, failed } = repository;
  const head = `${path}: ${count(files, 'file')} of ${files_seen.toLocaleString('en-US')} seen, ${count(chunks, 'chunk')}, ${when} (project ${project})`;
  return [head, ...renderSkipped(skipped), ...renderFailed(failed)].join('\n');
}

export function renderProjects(projects: readonly ProjectSummary[]): string {
  if (projects.length === 0) return 'No projects yet; codebase-mcp index PATH makes the first.';
  return projects
    .map((p) =>
      p.unavailable !== undefined
        ? `${p.id}: cannot be asked: ${p.unavailable}`
        : `${p.id}: ${count(p.repositories, 'repository', 'repositories')}, ${count(p.files, 'file')}, ${count(p.chunks, 'chunk')}`,
    )
    .join('\n');
}

export function renderProjectRemoval({
  project,
  repositories,
  files,
  chunks,
  bytes: size,
}: RemoveProjectAnswer): string {
  const what = `${count(repositories, 'repository', 'repositories')}, ${count(files, 'file')} and ${count(chunks, 'chunk')}`;
  return `Removed project ${project}: ${what}, ${bytes(size)}. The files on disk are untouched.`;
}

export function renderMove({ project, to, tables, next }: MoveAnswer): string {
  const sums = tables.map(({ table, rows, checksum }) => `  ${table}: ${count(rows, 'row')}, checksum ${checksum}`);
  const verified = sums.length === 0 ? [] : ['Counted and summed up at both ends, and equal:', ...sums];
  return [`Project ${project} is at ${to} now.`, ...verified, next].join('\n');
}

/** `copying 1,500 of 40,000 rows, code_chunks`. */
export function moveLine({ phase, table, rows_done, rows_total }: MoveProgress): string {
  const done = rows_total === 0 ? '' : ` ${rows_done.toLocaleString('en-US')} of ${count(rows_total, 'row')}`;
  return `${phase}${done}${table === null ? '' : `, ${table}`}`;
}

export function renderRemoval({ repository, project, files, chunks }: RemoveAnswer): string {
  return `Removed ${repository} from project ${project}: ${count(files, 'file')} and ${count(chunks, 'chunk')}. The files on disk are untouched.`;
}
