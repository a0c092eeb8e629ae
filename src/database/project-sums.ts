// What a project holds, as a count and a checksum of each table: equal on two databases when the rows are, whatever ids
// they have there and in whatever order they lie.
import { type Kysely, sql } from 'kysely';
import { canonicalOutput, describeTable, isVector } from '../migrations/table-rows.js';
import type { ProjectId } from '../project.js';
import { projectTables } from './project-rows.js';
import type { Tables } from './tables.js';
import type { VectorFormat } from './vectors.js';

export interface TableSum {
  readonly table: string;
  readonly rows: number;
  /** 16 hexadecimal digits. */
  readonly checksum: string;
}

/**
 * `vectorType`: as which vectors are compared. `onTable` is called before each table, with the rows of those before it. Sets
 * the transaction's output format.
 */
export async function projectSums(
  tx: Kysely<Tables>,
  project: ProjectId,
  vectorType: VectorFormat['vectorType'],
  onTable: (table: string, rows: number) => void,
): Promise<readonly TableSum[]> {
  await canonicalOutput(tx);
  const sums: TableSum[] = [];
  for (const table of await projectTables(tx)) {
    onTable(table, rowsOf(sums));
    const { columns } = await describeTable(tx, table);
    const values = columns.flatMap(({ name, type }) => comparable(table, name, isVector(type) ? vectorType : null));
    const { rows } = await sql<{ rows: number; sum: string }>`
      SELECT count(*)::int AS rows, coalesce(sum(hash), 0)::text AS sum FROM (
        SELECT ('x' || left(md5(ROW(${sql.join(values)})::text), 16))::bit(64)::bigint::numeric AS hash
        FROM ${sql.table(table)} t WHERE project_id = ${project}
      ) AS hashes`.execute(tx);
    const { rows: count = 0, sum = '0' } = rows[0] ?? {};
    sums.push({ table, rows: count, checksum: BigInt.asUintN(64, BigInt(sum)).toString(16).padStart(16, '0') });
  }
  return sums;
}

export function rowsOf(sums: readonly TableSum[]): number {
  return sums.reduce((all, { rows }) => all + rows, 0);
}

/** Ids that a database gives are compared as what they stand for. */
function comparable(table: string, column: string, vectorType: VectorFormat['vectorType'] | null) {
  if (column === 'id' && table !== 'index_jobs') return [];
  if (column === 'repository_id')
    return [sql`(SELECT r.path FROM repositories r WHERE (r.project_id, r.id) = (t.project_id, t.repository_id))`];
  if (column === 'file_id')
    return [sql`(SELECT f.path FROM code_files f WHERE (f.project_id, f.id) = (t.project_id, t.file_id))`];
  if (column === 'model_id')
    return [sql`(SELECT ROW(m.provider, m.model, m.dimensions)::text FROM embedding_models m WHERE m.id = t.model_id)`];
  if (vectorType === 'halfvec') return [sql`md5(halfvec_send(${sql.ref(`t.${column}`)}::halfvec))`];
  if (vectorType === 'vector') return [sql`md5(vector_send(${sql.ref(`t.${column}`)}::vector))`];
  return [sql.ref(`t.${column}`)];
}
