// One answer from several projects: each is searched with the same ranker, and its scores make one order.

import { CodebaseError } from '../errors.js';
import type { WaitOptions } from '../indexing/jobs.js';
import { parseProjectId } from '../project.js';
import { pack } from '../search/pack.js';
import { FRESHNESS, type SearchAnswer } from '../service.js';
import type { Homes } from './homes.js';
import type { ParsedSearch } from './search.js';

/** Projects searched at a time. */
const AT_ONCE = 4;

/** What holds for each project: the budget is for all of them together. */
const UNDIVIDED = { projects: undefined, all_projects: false, max_tokens: Number.POSITIVE_INFINITY };

/** `request` names projects, or all of them. A project that cannot be searched is left out when it was not named. */
export async function searchProjects(homes: Homes, request: ParsedSearch, options: WaitOptions): Promise<SearchAnswer> {
  const started = performance.now();
  const { projects, all_projects: all, ...rest } = request;
  if (rest.project !== undefined || rest.repository !== undefined || (all && projects !== undefined)) {
    throw new CodebaseError(
      'invalid_input',
      'A search takes one of all_projects, projects, or project and repository; leave the others out.',
    );
  }
  const ids = all ? await homes.ids() : [...new Set(projects ?? [])].map((id) => parseProjectId(id));
  const answers: SearchAnswer[] = [];
  const notes: string[] = [];
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    const searches = ids.slice(at, at + AT_ONCE).map(async (id) => {
      try {
        answers.push(
          await homes.use(id, ({ searches }) => searches.search(id, { ...rest, ...UNDIVIDED, project: id }, options)),
        );
      } catch (error) {
        if (!all || options.signal?.aborted || !(error instanceof CodebaseError)) throw error;
        if (error.code !== 'not_found') notes.push(`Project ${id} was left out: ${error.message}`);
      }
    });
    await Promise.all(searches);
  }
  return { ...merge(answers, request, notes), elapsed_ms: Math.round((performance.now() - started) * 10) / 10 };
}

function merge(answers: readonly SearchAnswer[], request: ParsedSearch, notes: readonly string[]): SearchAnswer {
  const ordered = answers.flatMap(({ results }) => results).sort((a, b) => b.score - a.score);
  const packed = pack(ordered.slice(0, request.limit), request.max_tokens, 'code'); // each has its detail already
  const sum = (count: (answer: SearchAnswer) => number): number =>
    answers.reduce((total, answer) => total + count(answer), 0);
  const worst = Math.max(0, ...answers.map(({ freshness }) => FRESHNESS.indexOf(freshness)));
  return {
    query: request.query,
    project: answers
      .map(({ project }) => project)
      .sort()
      .join(', '),
    results: [...packed.results],
    searched: {
      repositories: answers.flatMap(({ searched }) => searched.repositories),
      files: sum(({ searched }) => searched.files),
      chunks: sum(({ searched }) => searched.chunks),
      files_left_out: sum(({ searched }) => searched.files_left_out),
    },
    freshness: FRESHNESS[worst] ?? 'fresh',
    indexed_now: null,
    notes: [...notes, ...new Set(answers.flatMap((answer) => answer.notes)), ...packed.notes],
    elapsed_ms: 0,
  };
}
