// What questions read of their candidate files, kept in memory: term frequencies and the vectors of the chunks. Questions about
// one repository look at much the same files, and a file's rows never change under its id. A cache of the tables and never the
// truth: which files there are is asked elsewhere.
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../database/tables.js';
import { eachVector } from '../database/vectors.js';
import type { Model } from './file-cache.js';
import type { FileRow } from './file-rows.js';
import { Int8Matrix } from './int8-matrix.js';
import { type PathFacts, pathFacts } from './path-facts.js';

/** Of all kept files together; about 40,000 chunks. */
const KEPT_BYTES = 32 << 20;

export interface FileEvidence {
  readonly facts: PathFacts;
  /** Term frequencies, see lexical/postings.ts. */
  readonly postings: Buffer;
  /** One row per chunk; null without a model. */
  readonly vectors: Int8Matrix | null;
}

export class EvidenceCache {
  /** By file id, the one used last at the end. */
  private readonly entries = new Map<string, FileEvidence>();
  private modelId: number | null = null;
  private bytes = 0;

  /** Files that are gone are missing. */
  async read(
    db: Kysely<Tables>,
    projectId: string,
    model: Model | null,
    files: readonly FileRow[],
  ): Promise<ReadonlyMap<string, FileEvidence>> {
    this.useModel(model?.id ?? null);
    const found = new Map<string, FileEvidence>();
    for (const { id } of files) {
      const known = this.entries.get(id);
      if (known !== undefined) found.set(id, known);
    }
    const missing = files.filter(({ id }) => !found.has(id));
    if (missing.length > 0)
      for (const [id, evidence] of await loadEvidence(db, projectId, model, missing)) found.set(id, evidence);
    if (this.modelId === (model?.id ?? null)) this.keep(found);
    return found;
  }

  private useModel(modelId: number | null): void {
    if (this.modelId === modelId) return;
    this.modelId = modelId;
    this.entries.clear();
    this.bytes = 0;
  }

  private keep(used: ReadonlyMap<string, FileEvidence>): void {
    for (const [id, evidence] of used) {
      this.forget(id);
      this.entries.set(id, evidence);
      this.bytes += sizeOf(evidence);
    }
    for (const id of this.entries.keys()) {
      if (this.bytes <= KEPT_BYTES) return;
      this.forget(id);
    }
  }

  private forget(id: string): void {
    const evidence = this.entries.get(id);
    if (evidence === undefined) return;
    this.entries.delete(id);
    this.bytes -= sizeOf(evidence);
  }
}

function sizeOf({ postings, vectors }: FileEvidence): number {
  return postings.length + (vectors?.bytes ?? 0);
}

async function loadEvidence(
  db: Kysely<Tables>,
  projectId: string,
  model: Model | null,
  files: readonly FileRow[],
): Promise<ReadonlyMap<string, FileEvidence>> {
  const ids = files.map(({ id }) => id);
  const [rows, vectors] = await Promise.all([
    db
      .selectFrom('code_files')
      .select(['id', 'postings'])
      .where('project_id', '=', projectId)
      .where('id', '=', sql<string>`any(${ids}::bigint[])`)
      .execute(),
    model === null ? null : loadVectors(db, projectId, model, ids),
  ]);
  const postingsOf = new Map(rows.map(({ id, postings }) => [id, postings]));
  const found = new Map<string, FileEvidence>();
  for (const { id, path } of files) {
    const postings = postingsOf.get(id);
    if (!postings) continue;
    // A copy: the driver's buffer may be a part of one that holds the whole answer.
    found.set(id, { facts: pathFacts(path), postings: Buffer.from(postings), vectors: vectors?.get(id) ?? null });
  }
  return found;
}

async function loadVectors(
  db: Kysely<Tables>,
  projectId: string,
  { id: modelId, dimensions }: Model,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Int8Matrix>> {
  const { rows } = await sql<{ id: string; chunks: number; vectors: Buffer }>`
    select file_id::text as id, count(*)::int as chunks,
      string_agg(int8send(ordinal) || vector_send(embedding::vector), ''::bytea) as vectors
    from chunk_embeddings
    where project_id = ${projectId} and model_id = ${modelId} and file_id = any(${ids}::bigint[])
    group by file_id`.execute(db);
  return new Map(
    rows.map(({ id, chunks, vectors }) => {
      const matrix = new Int8Matrix(chunks, dimensions);
      eachVector(vectors, dimensions, (ordinal, vector) => matrix.set(Number(ordinal), vector));
      return [id, matrix];
    }),
  );
}
