// A search that may have to index its repository first: an assistant gets an answer before its patience ends.
import type { OnProgress, SearchAnswer, SearchRequest } from '../../service.js';
import type { Call } from './tool.js';

/**
 * Searches. When indexing the repository first takes longer than `milliseconds`, it goes on in the background and what is
 * indexed by then is searched; the answer's notes say how far it is.
 */
export async function searchWithin(
  milliseconds: number,
  request: SearchRequest,
  { codebase, signal, onProgress }: Pick<Call, 'codebase' | 'signal' | 'onProgress'>,
): Promise<SearchAnswer> {
  let timer: NodeJS.Timeout | undefined;
  let start: OnProgress = onProgress;
  const tooLong = new Promise<null>((resolve) => {
    start = (job) => {
      // Before that there is nothing yet that could be searched.
      if (job.phase === 'indexing') timer ??= setTimeout(() => resolve(null), milliseconds);
      onProgress(job);
    };
  });
  const complete = codebase.search(request, { signal, onProgress: start });
  try {
    const answer = await Promise.race([complete, tooLong]);
    if (answer !== null) return answer;
    complete.catch(() => {}); // the job keeps its own error
    return await codebase.search(request, { signal });
  } finally {
    clearTimeout(timer);
  }
}
