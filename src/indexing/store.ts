// The database side of the write flow: which files are known, and the rows of new ones.
import { type Kysely, sql, type Transaction } from 'kysely';
import type { ProjectDatabase } from '../database/database.js';
import type { Tables } from '../database/tables.js';
import { vectorArray } from '../database/vectors.js';
import { CodebaseError } from '../errors.js';
import { whileRunning } from './job-rows.js';
import type { PreparedFile } from './prepared.js';

/** Where rows go: the project, the repository and the model of the vectors, as long as the job runs. */
export interface Target {
  readonly projectId: string;
  readonly jobId: string;
  readonly repositoryId: string;
  readonly modelId: number;
  readonly dimensions: number;
}

export interface SkippedRow {
  readonly path: string;
  readonly reason: string;
  readonly detail: string | null;
}

/** The repository's row, made when it is new. `path` is absolute and real. */
export async function openRepository(
  db: Kysely<Tables>,
  repository: { projectId: string; path: string; name: string },
): Promise<string> {
  const row = await db
    .insertInto('repositories')
    .values({ project_id: repository.projectId, path: repository.path, name: repository.name })
    .onConflict((conflict) => conflict.columns(['project_id', 'path']).doUpdateSet({ name: repository.name }))
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

/** The id of a repository that is indexed; throws `not_found` when it was removed, so that bringing it up to date does not bring it back. */
export async function knownRepository(
  db: Kysely<Tables>,
  repository: { projectId: string; path: string },
): Promise<string> {
  const row = await db
    .selectFrom('repositories')
    .select('id')
    .where('project_id', '=', repository.projectId)
    .where('path', '=', repository.path)
    .executeTakeFirst();
  if (row !== undefined) return row.id;
  throw new CodebaseError('not_found', `${repository.path} was removed from project ${repository.projectId}.`);
}

/** What a page of the database holds in line, and what its vector indexes take. */
const MAX_DIMENSIONS = 2000;

/** The id of an embedding model, made when it is new. */
export async function openModel(
  db: Kysely<Tables>,
  model: { provider: string; model: string; dimensions: number },
): Promise<number> {
  const { provider, model: name, dimensions } = model;
  if (dimensions > MAX_DIMENSIONS) {
    throw new CodebaseError(
      'invalid_input',
      `${name} of ${provider} makes vectors of ${dimensions} dimensions; at most ${MAX_DIMENSIONS} can be stored, choose another model.`,
    );
  }
  const values = { provider, model: name, dimensions };
  await db
    .insertInto('embedding_models')
    .values(values)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const row = await db
    .selectFrom('embedding_models')
    .select('id')
    .where((where) => where.and(values))
    .executeTakeFirstOrThrow();
  return row.id;
}

/** Path → fingerprint of every file of the repository that is in the index. */
export async function knownFiles(db: Kysely<Tables>, target: Target): Promise<ReadonlyMap<string, string | null>> {
  const rows = await db
    .selectFrom('code_files')
    .select(['path', sql<string | null>`encode(content_hash, 'hex')`.as('fingerprint')])
    .where('project_id', '=', target.projectId)
    .where('repository_id', '=', target.repositoryId)
    .execute();
  return new Map(rows.map((row) => [row.path, row.fingerprint]));
}

/** Remove files by path; their chunks and vectors go with them. */
export async function removeFiles(db: Kysely<Tables>, target: Target, paths: readonly string[]): Promise<void> {
  if (paths.length === 0) return;
  await db
    .deleteFrom('code_files')
    .where('project_id', '=', target.projectId)
    .where('repository_id', '=', target.repositoryId)
    .where('path', '=', sql<string>`any(${paths}::text[])`)
    .execute();
}

/** Store files in one transaction, in place of what was stored under their paths. */
export async function storeFiles(
  database: ProjectDatabase,
  target: Target,
  files: readonly PreparedFile[],
): Promise<void> {
  if (files.length === 0) return;
  await whileRunning(database.db, target, async (tx) => {
    await removeFiles(
      tx,
      target,
      files.map((file) => file.path),
    );
    const ids = await insertFiles(tx, target, files);
    const stored = files.map((file) => ({ file, id: ids.get(file.path) as string }));
    await trustReferences(tx, database);
    await insertChunks(tx, target, stored);
    await insertVectors(tx, database, target, stored);
  });
}

/**
 * What follows in the transaction refers to files that it inserted itself. PGlite looks each of them up all the same, with
 * a plan made when the table was empty, which reads all of the table: half of the time of a first index at 4,000 files, and
 * growing with its square. A server's autovacuum keeps that plan right, and its roles may not switch the checks off.
 */
async function trustReferences(tx: Transaction<Tables>, database: ProjectDatabase): Promise<void> {
  if (database.kind === 'embedded') await sql`set local session_replication_role = replica`.execute(tx);
}

interface Stored {
  readonly file: PreparedFile;
  readonly id: string;
}

async function insertFiles(
  tx: Transaction<Tables>,
  target: Target,
  files: readonly PreparedFile[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ id: string; path: string }>`
    insert into code_files (project_id, repository_id, path, language, content_hash, size_bytes, line_count, chunk_count, terms, postings)
    select ${target.projectId}, ${target.repositoryId}, f.path, f.language, decode(f.fingerprint, 'hex'), f.size, f.lines, f.chunks,
           array_to_tsvector(string_to_array(f.terms, ' ')), decode(f.postings, 'base64')
    from unnest(
      ${files.map((f) => f.path)}::text[], ${files.map((f) => f.language)}::text[], ${files.map((f) => f.fingerprint)}::text[],
      ${files.map((f) => f.size)}::int[], ${files.map((f) => f.lines)}::int[], ${files.map((f) => f.chunks.length)}::int[],
      ${files.map((f) => f.terms)}::text[], ${files.map((f) => Buffer.from(f.postings).toString('base64'))}::text[]
    ) as f(path, language, fingerprint, size, lines, chunks, terms, postings)
    returning id::text, path`.execute(tx);
  return new Map(rows.map((row) => [row.path, row.id]));
}

async function insertChunks(tx: Transaction<Tables>, target: Target, stored: readonly Stored[]): Promise<void> {
  const rows = stored.flatMap(({ file, id }) =>
    file.chunks.map((chunk, ordinal) => ({ ...chunk, id, ordinal, path: file.path })),
  );
  await sql`
    insert into code_chunks (project_id, repository_id, file_id, ordinal, file_path, content, start_line, end_line, symbol, kind, parents)
    select ${target.projectId}, ${target.repositoryId}, c.*
    from unnest(
      ${rows.map((r) => r.id)}::bigint[], ${rows.map((r) => r.ordinal)}::int[], ${rows.map((r) => r.path)}::text[],
      ${rows.map((r) => r.text)}::text[], ${rows.map((r) => r.startLine)}::int[], ${rows.map((r) => r.endLine)}::int[],
      ${rows.map((r) => r.symbol)}::text[], ${rows.map((r) => r.kind)}::text[], ${rows.map((r) => r.parents)}::text[]
    ) as c`.execute(tx);
}

async function insertVectors(
  tx: Transaction<Tables>,
  database: ProjectDatabase,
  target: Target,
  stored: readonly Stored[],
): Promise<void> {
  const { dimensions } = target;
  const at = (file: PreparedFile, i: number): Float32Array =>
    file.vectors.subarray(i * dimensions, (i + 1) * dimensions);
  const chunks = stored.flatMap(({ file, id }) =>
    file.chunks.map((_, ordinal) => ({ id, ordinal, vector: at(file, ordinal) })),
  );
  await sql`
    insert into chunk_embeddings (project_id, repository_id, model_id, file_id, ordinal, embedding)
    select ${target.projectId}, ${target.repositoryId}, ${target.modelId}, e.*
    from unnest(${chunks.map((c) => c.id)}::bigint[], ${chunks.map((c) => c.ordinal)}::int[],
      ${vectorArray(
        database,
        chunks.map((c) => c.vector),
      )}::vector[]) as e`.execute(tx);
  const wholes = stored.flatMap(({ file, id }) => [
    { id, aspect: 'content', vector: at(file, file.chunks.length) },
    { id, aspect: 'path', vector: at(file, file.chunks.length + 1) },
  ]);
  await sql`
    insert into file_embeddings (project_id, repository_id, model_id, file_id, aspect, embedding)
    select ${target.projectId}, ${target.repositoryId}, ${target.modelId}, e.*
    from unnest(${wholes.map((w) => w.id)}::bigint[], ${wholes.map((w) => w.aspect)}::text[],
      ${vectorArray(
        database,
        wholes.map((w) => w.vector),
      )}::vector[]) as e`.execute(tx);
}

/** Write down what the run left out, in place of what the last one did, and that the repository is complete. */
export async function finishRepository(
  db: Kysely<Tables>,
  target: Target,
  skipped: readonly SkippedRow[],
): Promise<void> {
  const { projectId, repositoryId } = target;
  await whileRunning(db, target, async (tx) => {
    await replaceSkipped(tx, target, skipped);
    await tx
      .updateTable('repositories')
      .set({ indexed_at: new Date(), updated_at: new Date() })
      .where('project_id', '=', projectId)
      .where('id', '=', repositoryId)
      .execute();
  });
}

async function replaceSkipped(
  tx: Transaction<Tables>,
  { projectId, repositoryId }: Target,
  skipped: readonly SkippedRow[],
): Promise<void> {
  const stored = await tx
    .selectFrom('skipped_files')
    .select(['path', 'reason', 'detail'])
    .where('project_id', '=', projectId)
    .where('repository_id', '=', repositoryId)
    .execute();
  if (sameRows(stored, skipped)) return;
  await tx
    .deleteFrom('skipped_files')
    .where('project_id', '=', projectId)
    .where('repository_id', '=', repositoryId)
    .execute();
  await sql`
    insert into skipped_files (project_id, repository_id, path, reason, detail)
    select ${projectId}, ${repositoryId}, s.*
    from unnest(${skipped.map((s) => s.path)}::text[], ${skipped.map((s) => s.reason)}::text[], ${skipped.map((s) => s.detail)}::text[]) as s
    on conflict do nothing`.execute(tx);
}

function sameRows(stored: readonly SkippedRow[], skipped: readonly SkippedRow[]): boolean {
  const byPath = new Map(stored.map((row) => [row.path, row]));
  return (
    byPath.size === skipped.length &&
    skipped.every(({ path, reason, detail }) => {
      const row = byPath.get(path);
      return row !== undefined && row.reason === reason && row.detail === detail;
    })
  );
}

/** Take back the row of a repository of which nothing was ever stored. */
export async function removeUnlessStored(db: Kysely<Tables>, target: Target): Promise<void> {
  const { projectId, repositoryId } = target;
  await sql`
    delete from repositories where project_id = ${projectId} and id = ${repositoryId} and indexed_at is null
      and not exists (select from code_files where project_id = ${projectId} and repository_id = ${repositoryId})`.execute(
    db,
  );
}

/** Take back the row of a repository that turned out to hold nothing. */
export async function removeEmptyRepository(db: Kysely<Tables>, target: Target): Promise<void> {
  await db
    .deleteFrom('repositories')
    .where('project_id', '=', target.projectId)
    .where('id', '=', target.repositoryId)
    .execute();
}
