// The tool `list_projects`.
import { z } from 'zod';
import { IndexRequest, type StatusAnswer } from '../../service.js';
import { age, renderProjectList } from '../render/projects.js';
import { progressLine } from '../render/report.js';
import { RepositoryOutput } from './outputs.js';
import type { Tool } from './tool.js';

const Input = z.object({ project: IndexRequest.shape.project.describe('Only this project') });

const Output = z.object({
  projects: z.array(z.object({ id: z.string(), repositories: z.array(RepositoryOutput) })),
});

const DESCRIPTION = `What can be searched: every project with its repositories, how many files of each are indexed and how many were left
out, when that was, and whether a job is bringing it up to date.

Use it to find the project or the absolute path for another tool's arguments, or when an answer seems to miss a
repository. Not needed before search_code in the current repository. Why files were left out: get_indexing_status.

Example: {}`;

export const listProjects: Tool<typeof Input, typeof Output> = {
  name: 'list_projects',
  title: 'List projects',
  description: DESCRIPTION,
  input: Input,
  output: Output,
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  run: async ({ project }, { codebase }) => {
    const structured = { projects: projectsOf(await codebase.status({ project }), new Date()) };
    return { structured, text: renderProjectList(structured.projects) };
  },
};

function projectsOf({ repositories, jobs }: StatusAnswer, now: Date): z.infer<typeof Output>['projects'] {
  const ids = [...new Set(repositories.map(({ project }) => project))];
  return ids.map((id) => ({
    id,
    repositories: repositories
      .filter(({ project }) => project === id)
      .map(({ name, path, files, chunks, skipped, indexed_at }) => ({
        name,
        path,
        files,
        chunks,
        skipped_files: skipped.reduce((sum, reason) => sum + reason.files, 0),
        indexed_at,
        age: age(indexed_at, now),
        indexing: indexingOf(jobs.find((job) => job.project === id && job.repository === path)),
      })),
  }));
}

function indexingOf(job: StatusAnswer['jobs'][number] | undefined): string | null {
  if (job === undefined || job.state === 'completed') return null;
  if (job.state === 'running') return progressLine(job);
  return job.error === null ? `the last run was ${job.state}` : `the last run ${job.state}: ${job.error}`;
}
