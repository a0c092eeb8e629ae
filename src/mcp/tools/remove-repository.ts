// The tool `remove_repository`.
import { z } from 'zod';
import { CodebaseError } from '../../errors.js';
import { IndexRequest, RemoveAnswer } from '../../service.js';
import { renderRemoval } from '../render/status.js';
import { count } from '../render/style.js';
import { askPerson } from './confirmation.js';
import type { Tool } from './tool.js';

const Input = z.object({
  path: z.string().describe('Absolute path of the repository; it need not exist any more'),
  project: IndexRequest.shape.project,
  confirm: z
    .boolean()
    .default(false)
    .describe('True once the person has agreed; clients that can ask the person do so anyway'),
});

const DESCRIPTION = `Remove a repository from the index. The files on disk are not touched, but searching it again means indexing it anew.

Use it only when the person asked for it. The client asks the person first; where it cannot, ask yourself and call again
with confirm. Not for refreshing an index (index_repository) and not for ending a job (cancel_indexing).

Example: {"path": "/home/me/old-project"}`;

export const removeRepository: Tool<typeof Input, typeof RemoveAnswer> = {
  name: 'remove_repository',
  title: 'Remove repository',
  description: DESCRIPTION,
  input: Input,
  output: RemoveAnswer,
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
  run: async ({ path, project, confirm }, call) => {
    const absolute = call.repository(path);
    if (call.confirmation === 'declined') {
      throw new CodebaseError('cancelled', `Not removed: the person did not agree to remove ${path}.`);
    }
    if (call.confirmation === 'not asked' || (call.confirmation === 'unavailable' && !confirm)) {
      const { repositories } = await call.codebase.status({ project, path: absolute });
      const [found] = repositories;
      const what = `${found?.path ?? absolute} (project ${found?.project ?? project}, ${count(found?.files ?? 0, 'file')})`;
      if (call.confirmation === 'not asked') {
        return askPerson(
          `Remove ${what} from the index? The files on disk stay; searching it again means indexing it anew.`,
        );
      }
      throw new CodebaseError(
        'invalid_input',
        `Not removed: ask the person whether ${what} is to be removed from the index, then call again with confirm: true.`,
      );
    }
    const removed = await call.codebase.remove({ path: absolute, project });
    return { structured: removed, text: renderRemoval(removed) };
  },
};
