// The legs: SQL that names candidate files. Ranking then looks closely at these and at nothing else.
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../database/tables.js';
import { inScope, inScopeByFile, type Scope } from './scope.js';

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
  /** In how many files of the scope each term occurs; in the order of the terms. */
  readonly documentFrequencies: readonly number[];
}

/** Files that have the terms, by the summed inverse document frequency of those they have. */
export async function lexicalLeg(
  db: Kysely<Tables>,
  scope: Scope,
  terms: readonly string[],
  fileCount: number,
): Promise<LexicalLeg> {
  if (terms.length === 0) return { files: [], documentFrequencies: [] };
  const { rows } = await sql<{ id: string | null; term: number | null; files: number | null }>`
    with hit as materialized (
      select t.term, f.id
      from unnest(${terms.map(quoteLexeme)}::text[]) with ordinality as t(lexeme, term)
      join code_files f on f.terms @@ t.lexeme::tsquery and ${inScope(scope, 'f')}
    ), frequency as (
      select term, count(*)::int as files from hit group by term
    ), best as (
      select hit.id, sum(ln(1 + (${fileCount}::float8 - files + 0.5) / (files + 0.5))) as weight
      from hit join frequency using (term) group by hit.id order by weight desc, hit.id limit ${LEXICAL_FILES}
    )
    select id::text as id, null::int as term, null::int as files, weight from best
    union all
    select null, term::int, files, null from frequency
    order by weight desc nulls last, id`.execute(db);
  const documentFrequencies = terms.map(() => 0);
  for (const { term, files } of rows) if (term !== null && files !== null) documentFrequencies[term - 1] = files;
  return { files: rows.flatMap((row) => row.id ?? []), documentFrequencies };
}

/** A lexeme as tsquery text. */
function quoteLexeme(term: string): string {
  return `'${term.replace(/\\/g, '\\\\').replace(/'/g, "''")}'`;
}

/**
 * Files of the nearest whole-file vectors and of the nearest path vectors, each list best first. Exact: no index is asked.
 * Chunks are not: there are ten times more of them, and what they add is found anyway (NDCG@10 0.903 without, 0.904 with
 * them, on the relevance benchmark with only 40 candidates).
 */
export async function vectorLegs(
  db: Kysely<Tables>,
  scope: Scope,
  modelId: number,
  vector: unknown,
): Promise<readonly (readonly string[])[]> {
  const nearest = async (aspect: 'content' | 'path'): Promise<readonly string[]> => {
    const { rows } = await sql<{ id: string }>`
      select e.file_id::text as id from file_embeddings e
      where ${inScopeByFile(scope, 'e')} and e.model_id = ${modelId} and e.aspect = ${aspect}
      order by e.embedding <=> ${vector}::vector limit ${VECTOR_FILES}`.execute(db);
    return rows.map((row) => row.id);
  };
  return Promise.all([nearest('content'), nearest('path')]);
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
