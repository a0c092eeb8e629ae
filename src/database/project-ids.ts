// New ids for the rows of a project that come into another database, from that database's own sequences.
import { randomUUID } from 'node:crypto';
import { sql, type Transaction } from 'kysely';
import type { ProjectId } from '../project.js';
import type { Tables } from './tables.js';

/** From ids in the source to those in the target. */
interface Ids {
  readonly repositories: ReadonlyMap<string, string>;
  readonly files: ReadonlyMap<string, string>;
  readonly models: ReadonlyMap<string, string>;
}

/** A database shared by projects, or one that a copy of this project is in already, has given the old ones to others. */
export async function newIds(read: Transaction<Tables>, write: Transaction<Tables>, project: ProjectId): Promise<Ids> {
  const repositories = await read.selectFrom('repositories').select('id').where('project_id', '=', project).execute();
  const files = await sql<{ id: string }>`
    SELECT id::text AS id FROM code_files WHERE project_id = ${project} ORDER BY code_files.id`.execute(read);
  const fresh = await sql<{ id: string }>`
    SELECT nextval(pg_get_serial_sequence('code_files', 'id'))::text AS id
    FROM generate_series(1, ${files.rows.length}::int)`.execute(write);
  return {
    repositories: new Map(repositories.map(({ id }) => [id, randomUUID()])),
    files: new Map(files.rows.map(({ id }, i) => [id, fresh.rows[i]?.id ?? ''])),
    models: await modelIds(read, write, project),
  };
}

async function modelIds(read: Transaction<Tables>, write: Transaction<Tables>, project: ProjectId) {
  const { rows } = await sql<{ id: number; provider: string; model: string; dimensions: number }>`
    SELECT id, provider, model, dimensions FROM embedding_models WHERE id IN (
      SELECT model_id FROM chunk_embeddings WHERE project_id = ${project}
      UNION SELECT model_id FROM file_embeddings WHERE project_id = ${project})`.execute(read);
  const ids = new Map<string, string>();
  for (const { id, ...model } of rows) {
    await write
      .insertInto('embedding_models')
      .values(model)
      .onConflict((on) => on.doNothing())
      .execute();
    const there = write.selectFrom('embedding_models').select('id').where('provider', '=', model.provider);
    const row = await there
      .where('model', '=', model.model)
      .where('dimensions', '=', model.dimensions)
      .executeTakeFirstOrThrow();
    ids.set(String(id), String(row.id));
  }
  return ids;
}

type Renewal = (value: string | null) => string | undefined;

/** What becomes of a column's values; undefined when they stay. */
export function renewal({ repositories, files, models }: Ids, table: string, column: string): Renewal | undefined {
  const from =
    (ids: ReadonlyMap<string, string>): Renewal =>
    (value) =>
      ids.get(value ?? '');
  if (column === 'repository_id' || (table === 'repositories' && column === 'id')) return from(repositories);
  if (column === 'file_id' || (table === 'code_files' && column === 'id')) return from(files);
  if (column === 'model_id') return from(models);
  if (table === 'code_chunks' && column === 'id') return () => randomUUID();
  return undefined;
}
