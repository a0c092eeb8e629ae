// Projects with their repositories as text.
import { count } from './style.js';

interface Repository {
  readonly path: string;
  readonly files: number;
  readonly chunks: number;
  readonly skipped_files: number;
  readonly age: string;
  readonly indexing: string | null;
}

export function renderProjectList(
  projects: readonly { readonly id: string; readonly repositories: readonly Repository[] }[],
): string {
  if (projects.length === 0) return 'Nothing is indexed yet; search_code or index_repository makes a first index.';
  return projects
    .map(({ id, repositories }) => [`Project ${id}:`, ...repositories.map(renderRepository)].join('\n'))
    .join('\n');
}

function renderRepository({ path, files, chunks, skipped_files, age: when, indexing }: Repository): string {
  const parts = [`${count(files, 'file')}, ${count(chunks, 'chunk')}`, `${skipped_files} left out`, when];
  return `  ${path}: ${[...parts, ...(indexing === null ? [] : [indexing])].join('; ')}`;
}

/** Since when an index is as it is, as a person says it. */
export function age(indexedAt: string | null, now: Date): string {
  if (indexedAt === null) return 'never indexed completely';
  const seconds = Math.max(0, (now.getTime() - Date.parse(indexedAt)) / 1000);
  const [unit, length] = UNITS.find(([, each]) => seconds >= each) ?? ['second', 1];
  return `indexed ${count(Math.floor(seconds / length), unit)} ago`;
}

const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;
