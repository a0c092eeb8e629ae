// The legs: they name candidate files. Ranking then looks closely at these and at nothing else.
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Tables } from '../database/tables.js';
import type { Scope } from './scope.js';
import type { SearchedFiles } from './searched-files.js';

/** How many a leg may name. */
const LEXICAL_FILES = 150;
const VECTOR_FILES = 120;
/** How many files are looked at closely. */
const CANDIDATES = 150;
/** Rank offset of reciprocal rank fusion, which only decides who is looked at, not the order of the answer. */
const FUSION_OFFSET = 20;

export interface LexicalLeg {
  /** File ids, best first. */
  readonly files: readonly string[];
  /** Term → in how many of the searched files it occurs. */
  readonly documentFrequencies: ReadonlyMap<string, number>;
}

/** Files that have the terms, by the summed inverse document frequency of those they have. `fileCount`: of those searched. */
export async function lexicalLeg(
  db: Kysely<Tables>,
  scope: Scope,
  searched: SearchedFiles,
  terms: readonly string[],
  fileCount: number,
): Promise<LexicalLeg> {
  const documentFrequencies = new Map<string, number>();
  const weights = new Map<string, number>();
  for (const [term, all] of await filesByTerm(db, scope, terms)) {
    const ids = all.filter((id) => searched.has(id));
    const idf = Math.log(1 + (fileCount - ids.length + 0.5) / (ids.length + 0.5));
    documentFrequencies.set(term, ids.length);
    for (const id of ids) weights.set(id, (weights.get(id) ?? 0) + idf);
  }
  const best = [...weights].sort((a, b) => b[1] - a[1] || Number(a[0]) - Number(b[0]));
  return { files: best.slice(0, LEXICAL_FILES).map(([id]) => id), documentFrequencies };
}

/**
 * Ids of the files that have each term. One string per term: ten thousand rows cost more to pass on than their text, and
 * PGlite counts and sums them ten times slower than JavaScript.
 */
async function filesByTerm(
  db: Kysely<Tables>,
  scope: Scope,
  terms: readonly string[],
): Promise<readonly (readonly [string, readonly string[]])[]> {
  if (terms.length === 0) return [];
  const { rows } = await sql<{ term: number; ids: string }>`select term, ids from ${withTerms(scope, terms)}`.execute(
    db,
  );
  return rows.map(({ term, ids }) => [terms[term - 1] ?? '', ids.split(' ')]);
}

/** In how many files each term occurs; filters are not asked. Terms of no file are missing. */
export async function countFiles(
  db: Kysely<Tables>,
  scope: Scope,
  terms: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{
    term: number;
    files: number;
  }>`select term, files from ${withTerms(scope, terms)}`.execute(db);
  return new Map(rows.map(({ term, files }) => [terms[term - 1] ?? '', files]));
}

function withTerms({ projectId, repositoryIds }: Scope, terms: readonly string[]): RawBuilder<unknown> {
  return sql`code_files_with_terms(${projectId}, ${repositoryIds}::uuid[], ${terms.map(quoteLexeme)}::text[])`;
}

/** A lexeme as tsquery text. */
function quoteLexeme(term: string): string {
  return `'${term.replace(/\\/g, '\\\\').replace(/'/g, "''")}'`;
}

/**
 * Files of the nearest whole-file vectors and of the nearest path vectors. Chunks are not asked: there are ten times more of
 * them, and what they add is found anyway (NDCG@10 0.903 without, 0.904 with them, on the relevance benchmark with only 40
 * candidates).
 */
export function vectorLegs(searched: SearchedFiles): readonly (readonly string[])[] {
  return searched.nearest(VECTOR_FILES);
}

/** The files that stand highest over all legs (reciprocal rank fusion). */
export function fuse(legs: readonly (readonly string[])[]): readonly string[] {
  const scores = new Map<string, number>();
  for (const leg of legs) {
    for (const [rank, id] of leg.entries()) scores.set(id, (scores.get(id) ?? 0) + 1 / (FUSION_OFFSET + rank));
  }
  return [...scores]
    .sort((a, b) => b[1] - a[1])
    .slice(0, CANDIDATES)
    .map(([id]) => id);
}
