// The tool `find_related_code`.
import { isAbsolute, resolve } from 'node:path';
import { z } from 'zod';
import { splitPlace } from '../../place.js';
import { searchScope } from '../../search-scope.js';
import { RelatedRequest } from '../../service.js';
import { renderSearch } from '../render/search.js';
import { FOR_MODEL } from '../render/style.js';
import { RelatedOutput } from './outputs.js';
import type { Tool } from './tool.js';

const Input = RelatedRequest.extend({
  file: RelatedRequest.shape.file.describe(
    'Path of the file: absolute, or relative to the repository; file:line works too',
  ),
  repository: RelatedRequest.shape.repository.describe(
    'Absolute path inside the repository to search; default: the one that holds the file',
  ),
  whole_project: z.boolean().default(false).describe('Search every indexed repository of the project instead of one'),
});

const DESCRIPTION = `Find code that is like the code of a place: other implementations of the same thing, copies, siblings that a change must
also reach.

Use it when you have a place (from search_code, or one you are editing) and want the others like it: before you write
something that may exist already, before you change something that was copied. Give a line to mean the function it is
in; without one the whole file is compared.
Not for callers or definitions of a symbol (use grep or a language server), not for a question in words (search_code).

Example: {"file": "src/http/retry.ts", "line": 40, "limit": 5}`;

export const findRelatedCode: Tool<typeof Input, typeof RelatedOutput> = {
  name: 'find_related_code',
  title: 'Find related code',
  description: DESCRIPTION,
  input: Input,
  output: RelatedOutput,
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  run: async ({ whole_project, repository, file: named, line: givenLine, ...request }, call) => {
    const { path, line } = splitPlace(named);
    const file = resolve(call.repository(repository ?? (isAbsolute(path) ? path : undefined)), path);
    const { project } = request;
    const at = repository === undefined ? file : call.repository(repository);
    const wanted = { project, path: at, named: repository !== undefined, whole: whole_project };
    const scope = await searchScope(call.codebase, wanted);
    const asked = { ...request, file, line: givenLine ?? line, ...scope };
    const answer = await call.codebase.related(asked, { signal: call.signal, onProgress: call.onProgress });
    return { structured: RelatedOutput.parse(answer), text: renderSearch(answer, FOR_MODEL) };
  },
};
