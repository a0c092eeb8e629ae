// What several tools answer with, as the tool list shows it: the service's own objects, less deep where the list would cost
// every client more tokens than the answers are worth.
import { z } from 'zod';
import { IndexReport, Job, RelatedAnswer, SearchAnswer, SearchResult, StatusAnswer } from '../../service.js';

/** The report of a run is what its text says; the list shows only that there is one. */
export const JobOutput = Job.extend({ report: z.looseObject({}).nullable() });

export const StatusOutput = StatusAnswer.extend({ jobs: z.array(JobOutput) });

/** Without the numbers behind the order, which a model gains nothing from. */
const lean = {
  results: z.array(SearchResult.omit({ why: true })),
  indexed_now: IndexReport.pick({ repository: true, files: true, chunks: true, duration_ms: true }).nullable(),
};
export const SearchOutput = SearchAnswer.extend(lean);
export const RelatedOutput = RelatedAnswer.extend(lean);

export const RepositoryOutput = z.object({
  name: z.string(),
  path: z.string(),
  files: z.int(),
  chunks: z.int(),
  skipped_files: z.int().describe('Left out on purpose; get_indexing_status says why'),
  indexed_at: z.string().nullable().describe('When an indexing run last came to its end; null: never'),
  age: z.string().describe('The same in words'),
  indexing: z.string().nullable().describe('How far a job is that runs now, or how the last one failed'),
});
export type RepositoryOutput = z.infer<typeof RepositoryOutput>;
