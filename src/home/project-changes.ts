// Removing and renaming a project where it shares its home with others.
import { bytesOf, deleteRows, hasRows, renameRows } from '../database/project-rows.js';
import { CodebaseError } from '../errors.js';
import type { ProjectId } from '../project.js';
import type { Home } from './home.js';

export async function removeFrom(home: Home, project: ProjectId): Promise<number> {
  await cancelJobs(home, project);
  return await home.run(async () => {
    const db = home.dbOf(project);
    const bytes = await bytesOf(db, project);
    await deleteRows(db, project);
    await home.database.maintain();
    return bytes;
  });
}

export async function renameIn(home: Home, project: ProjectId, to: ProjectId): Promise<void> {
  await home.existing(project);
  await cancelJobs(home, project);
  await home.run(async () => {
    if (await hasRows(home.dbOf(to), to)) throw alreadyThere(to);
    await renameRows(home.database.allProjects, project, to);
  });
}

/** Those of other processes too. */
export async function cancelJobs(home: Home, project: ProjectId): Promise<void> {
  for (const job of await home.lastJobs({ projectId: project }))
    if (job.state === 'running') await home.cancel(job.job_id);
}

/** A project that is to be renamed to what it is called is not to be removed first. */
export function requireOtherName(project: ProjectId, to: ProjectId): void {
  if (project !== to) return;
  throw new CodebaseError('invalid_input', `Project ${project} has that id already; choose another one.`);
}

export function alreadyThere(project: ProjectId): CodebaseError {
  return new CodebaseError(
    'invalid_input',
    `There is a project ${project} already; choose another id, or remove it first: codebase-mcp projects remove ${project}.`,
  );
}
