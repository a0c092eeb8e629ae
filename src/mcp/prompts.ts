// Prompts: three questions that people ask about a codebase, with the way through the tools that answers them.
import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';

const repository = z
  .string()
  .max(4096)
  .optional()
  .describe('Name or absolute path of the repository; default: the current one');

const Explain = z.object({ topic: z.string().max(2000).describe('A behaviour, a feature or a part'), repository });
const Change = z.object({ change: z.string().max(2000).describe('What is to be different afterwards'), repository });
const Review = z.object({
  base: z.string().max(200).optional().describe('What to compare with, for git diff; default: HEAD'),
  repository,
});

const CITE = 'Cite every claim as path:line. Say what you could not find instead of guessing.';

export function registerPrompts(server: McpServer): void {
  server.registerPrompt(
    'explain_how',
    {
      title: 'Explain how something works here',
      description: 'A walk through the code that does it',
      argsSchema: Explain,
    },
    ({ topic, repository: where }) =>
      asked(`Explain how this works in ${named(where)}: ${topic}

1. Ask search_code for it in plain words, and once more for each part that the answer names; start with detail "signatures" and read the code of what matters.
2. Follow it from where it begins (an entry point, a request, a command) to where it ends (what is stored, sent or shown).
3. Explain it to somebody new to this code: the way through it in order, the types that carry the data, what can fail and what happens then.

${CITE}`),
  );
  server.registerPrompt(
    'where_to_change',
    {
      title: 'Where would I change this',
      description: 'The places that a change has to touch, and its tests',
      argsSchema: Change,
    },
    ({ change, repository: where }) =>
      asked(`Find out where to make this change in ${named(where)}, and do not make it yet: ${change}

1. Ask search_code for what does it today, and for the words the change would use.
2. For the best place call find_related_code, for siblings and copies that have to change with it.
3. Ask search_code for the tests and the documentation of these places.
4. Answer with a list: path:line, what changes there and why, in the order to do it; then what could break, and what is open.

${CITE}`),
  );
  server.registerPrompt(
    'review_diff',
    {
      title: 'Review what this diff touches',
      description: 'A review of a diff against the code around it',
      argsSchema: Review,
    },
    ({ base, repository: where }) =>
      asked(`Review the diff of ${named(where)} against ${base ?? 'HEAD'}, by what it touches.

1. Call index_repository, then read the output of git diff ${base ?? 'HEAD'}.
2. For each function that changed call find_related_code with its file and line: does a sibling or a copy need the same change, does it repeat what exists?
3. Ask search_code for the callers' view of the changed behaviour, and for its tests.
4. List findings, the worst first: path:line, what is wrong or missing, how to see it, what to do. Say so when there is none.

${CITE}`),
  );
}

function named(where: string | undefined): string {
  return where === undefined || where === '' ? 'this repository' : `the repository ${where}`;
}

function asked(text: string) {
  return { messages: [{ role: 'user' as const, content: { type: 'text' as const, text } }] };
}
