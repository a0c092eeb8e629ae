// Code like that of a place, in one home: the place is found in the index, then what is near to it.
import { resolve } from 'node:path';
import type { WaitOptions } from '../indexing/jobs.js';
import type { ProjectId } from '../project.js';
import { findRelated } from '../search/related.js';
import type { RelatedAnswer, RelatedRequest } from '../service.js';
import type { Home } from './home.js';
import { type HomeSearch, limitsOf } from './search.js';

export async function related(
  home: Home,
  searches: HomeSearch,
  project: ProjectId,
  request: ReturnType<typeof RelatedRequest.parse>,
  options: WaitOptions,
): Promise<RelatedAnswer> {
  const { found, ...rest } = await searches.look(project, request, options, async (tools, scope, repositories) => {
    const { repository, path } = await home.fileAt(project, resolve(request.file));
    const place = { repositoryId: repository.id, repository: repository.path, path, line: request.line };
    return findRelated(tools, scope, repositories, place, { ...limitsOf(request), signal: options.signal });
  });
  return { place: found.place, ...rest, results: [...found.results] };
}
