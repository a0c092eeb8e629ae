// The tool `search_code`.
import { z } from 'zod';
import { searchScope } from '../../search-scope.js';
import { SearchRequest } from '../../service.js';
import { renderSearch, shortened } from '../render/search.js';
import { FOR_MODEL } from '../render/style.js';
import { searchWithin } from './first-search.js';
import { SearchOutput } from './outputs.js';
import type { Tool } from './tool.js';

// A model gains nothing from the numbers behind the order.
const Input = SearchRequest.omit({ explain: true }).extend({
  repository: SearchRequest.shape.repository.describe(
    'Absolute path inside the repository to search; default: the one the server was started in, or all of a named project without it',
  ),
  whole_project: z.boolean().default(false).describe('Search every indexed repository of the project instead of one'),
});

const DESCRIPTION = `Find the code that does something, in an indexed repository, by meaning and by words. The answer is the best files with
path:lines, symbol and the code itself.

Use it first when you do not know where something is: a behaviour in plain words ("where are retries limited"), a symbol
("parseConfig", "Parser.parse"), or part of a path. Ask one question per call, in the words the code would use; a
sentence works better than a list of keywords.
Not for exact text or a regular expression over all files (use grep), not for reading a file you already know, not for
questions about things outside the code.

A repository that was never indexed is indexed first, which the answer says; a large one can take minutes. Narrow with
paths (globs) and languages; ask for detail "paths" or "signatures" for an overview of many files; raise limit or
max_tokens when the answer was cut.

Example: {"query": "where is the connection pool closed", "paths": ["src/**"], "limit": 5}`;

export const searchCode: Tool<typeof Input, typeof SearchOutput> = {
  name: 'search_code',
  title: 'Search code',
  description: DESCRIPTION,
  input: Input,
  output: SearchOutput,
  // The index is ours and no part of what the client works on.
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  run: async ({ whole_project, ...request }, call) => {
    const { project, repository: given } = request;
    const several = request.all_projects || request.projects !== undefined;
    const path = several ? given : call.searched(given, project);
    const wanted = { project, path, named: several || given !== undefined, whole: whole_project };
    const scope = await searchScope(call.codebase, wanted);
    const answer = await searchWithin(INDEXING_MILLISECONDS, { ...request, ...scope }, call);
    const structured = SearchOutput.parse({ ...answer, query: shortened(answer.query) });
    return { structured, text: renderSearch(answer, FOR_MODEL) };
  },
};

/** How long a first indexing may hold up an answer; clients give up on a call after about a minute. */
const INDEXING_MILLISECONDS = 30_000;
