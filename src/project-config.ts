// Which project a path belongs to: what the nearest .codebase-mcp/config.json upward from it says, unless the caller names one.
import { nearestConfig } from './config-file.js';
import { type ProjectId, parseProjectId } from './project.js';
import { DEFAULT_PROJECT } from './service.js';

/** Explicit name → nearest configuration file with a project → `default`. `path` is absolute. */
export async function resolveProject(explicit: string | undefined, path: string | undefined): Promise<ProjectId> {
  const found =
    explicit === undefined && path !== undefined ? nearestConfig(path, ({ project }) => project !== undefined) : null;
  if (found !== null) return parseProjectId(found.config.project?.id, found.file);
  return parseProjectId(explicit ?? DEFAULT_PROJECT);
}
