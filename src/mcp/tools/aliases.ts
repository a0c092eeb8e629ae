// Names that models use by mistake for an argument: one table for all tools, documented in docs/clients.md.

/** Wrong name → the arguments it may mean; the first that the tool has is taken. */
export const ALIASES: Readonly<Record<string, readonly string[]>> = {
  q: ['query'],
  question: ['query'],
  text: ['query'],
  search: ['query'],
  repo: ['repository', 'path'],
  repository: ['path'],
  repository_path: ['repository', 'path'],
  repo_path: ['repository', 'path'],
  directory: ['repository', 'path'],
  root: ['repository', 'path'],
  cwd: ['repository', 'path'],
  path: ['file', 'repository'],
  file_path: ['file', 'paths'],
  filename: ['file', 'paths'],
  line_number: ['line'],
  start_line: ['line'],
  project_id: ['project'],
  projects: ['project'],
  glob: ['paths'],
  globs: ['paths'],
  path_glob: ['paths'],
  include: ['paths'],
  language: ['languages'],
  lang: ['languages'],
  top_k: ['limit'],
  k: ['limit'],
  n: ['limit'],
  max_results: ['limit'],
  num_results: ['limit'],
  token_budget: ['max_tokens'],
  all: ['whole_project'],
  all_repositories: ['whole_project'],
  id: ['job_id'],
  job: ['job_id'],
  task_id: ['job_id'],
  confirmed: ['confirm'],
  force: ['confirm'],
};

type Raw = Readonly<Record<string, unknown>>;

/** Arguments under their own names; an argument's own name wins over its aliases. */
export function renamed(raw: Raw, known: readonly string[]): Raw {
  const meant = (name: string): string =>
    known.includes(name)
      ? name
      : ((Object.hasOwn(ALIASES, name) ? ALIASES[name] : [])?.find((own) => known.includes(own)) ?? name);
  const entries = Object.entries(raw);
  const own = entries.filter(([name]) => known.includes(name));
  return Object.fromEntries([...entries.map(([name, value]) => [meant(name), value] as const), ...own]);
}
