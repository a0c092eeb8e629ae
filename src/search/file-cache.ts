// What every question reads of every file, kept in memory: path, language, size, and the vectors of the whole file and of its
// path. A cache of the tables and never the truth: each search asks the database first whether anything was written since.
import { type Kysely, sql } from 'kysely';
import type { ProjectDatabase } from '../database/database.js';
import type { Tables } from '../database/tables.js';
import { EvidenceCache } from './evidence-cache.js';
import { type FileRow, loadFiles, loadIds } from './file-rows.js';
import { Int8Matrix } from './int8-matrix.js';

export const ASPECTS = ['content', 'path'] as const;
export type Aspect = (typeof ASPECTS)[number];

/** Vectors of repositories that the present search does not need are kept up to this many bytes. */
const KEPT_BYTES = 64 << 20;

/** The files of one repository at some moment, in no particular order. */
export interface RepositoryFiles {
  readonly files: readonly FileRow[];
  readonly rowOf: ReadonlyMap<string, number>;
  /** One row per file; null without a model. */
  readonly vectors: Readonly<Record<Aspect, Int8Matrix>> | null;
}

export interface Model {
  readonly id: number;
  readonly dimensions: number;
}

interface Entry {
  readonly modelId: number | null;
  /** The database's transactions when it was last looked at: while they are the same, nothing was written. */
  snapshot: string;
  readonly repository: RepositoryFiles;
}

export class FileCache {
  readonly evidence = new EvidenceCache();
  /** By repository, the one used last at the end. */
  private readonly entries = new Map<string, Entry>();
  private turn: Promise<unknown> = Promise.resolve();

  /** The files of the repositories as the database holds them now. Searches take turns: none reads what another is reading. */
  read(
    db: Kysely<Tables>,
    projectId: string,
    repositoryIds: readonly string[],
    model: Model | null,
    snapshot: string,
  ): Promise<readonly RepositoryFiles[]> {
    const read = this.turn.then(() => this.readAll(db, projectId, repositoryIds, model, snapshot));
    this.turn = read.catch(() => {});
    return read;
  }

  private async readAll(
    db: Kysely<Tables>,
    projectId: string,
    repositoryIds: readonly string[],
    model: Model | null,
    snapshot: string,
  ): Promise<readonly RepositoryFiles[]> {
    const found: RepositoryFiles[] = [];
    for (const id of repositoryIds) {
      const known = this.entries.get(id);
      const usable = known?.modelId === (model?.id ?? null) ? known : undefined;
      const repository =
        usable?.snapshot === snapshot
          ? usable.repository
          : await this.renew(db, projectId, id, model, usable?.repository);
      this.entries.delete(id);
      this.entries.set(id, { modelId: model?.id ?? null, snapshot, repository });
      found.push(repository);
    }
    this.forgetOthers(repositoryIds);
    return found;
  }

  /** A file's row and vectors never change under its id, so that only new ids have to be read. */
  private async renew(
    db: Kysely<Tables>,
    projectId: string,
    repositoryId: string,
    model: Model | null,
    before: RepositoryFiles | undefined,
  ): Promise<RepositoryFiles> {
    const ids = await loadIds(db, projectId, repositoryId);
    const fresh = ids.filter((id) => !before?.rowOf.has(id));
    if (before !== undefined && fresh.length === 0 && ids.length === before.files.length) return before;
    const kept = ids.flatMap((id) => before?.rowOf.get(id) ?? []);
    const files = kept.flatMap((row) => before?.files[row] ?? []);
    const size = kept.length + fresh.length;
    const matrix = (aspect: Aspect) => {
      const made = new Int8Matrix(size, model?.dimensions ?? 0);
      const old = before?.vectors?.[aspect];
      if (old) for (const [row, oldRow] of kept.entries()) made.copyRow(row, old, oldRow);
      return made;
    };
    const vectors = model === null ? null : { content: matrix('content'), path: matrix('path') };
    const rowOf = new Map(files.map((file, row) => [file.id, row]));
    await loadFiles(db, { projectId, repositoryId, model }, fresh, {
      onFile: (file) => rowOf.set(file.id, files.push(file) - 1),
      onVector: (id, aspect, vector) => {
        const row = rowOf.get(id);
        if (row !== undefined) vectors?.[aspect].set(row, vector);
      },
    });
    return { files, rowOf, vectors };
  }

  private forgetOthers(inUse: readonly string[]): void {
    let bytes = 0;
    for (const [id, { repository }] of [...this.entries].reverse()) {
      for (const aspect of ASPECTS) bytes += repository.vectors?.[aspect].bytes ?? 0;
      if (bytes > KEPT_BYTES && !inUse.includes(id)) this.entries.delete(id);
    }
  }
}

/** The database as a search meets it. */
export interface DatabaseState {
  /**
   * What changes with every write: the transactions that are visible, or on a standby, which does not tell all of those under
   * way, how far it follows.
   */
  readonly snapshot: string;
  /** Null when nothing was ever indexed with the model. */
  readonly modelId: number | null;
  /** Files of the repositories that were left out on purpose. */
  readonly filesLeftOut: number;
}

export async function databaseState(
  { db }: ProjectDatabase,
  model: { provider: string; model: string; dimensions: number },
  { projectId, repositoryIds }: { projectId: string; repositoryIds: readonly string[] },
): Promise<DatabaseState> {
  const { rows } = await sql<DatabaseState>`
    select concat(pg_current_snapshot(), pg_last_wal_replay_lsn()) as snapshot, (
      select id from embedding_models
      where provider = ${model.provider} and model = ${model.model} and dimensions = ${model.dimensions}
    ) as "modelId", (
      select count(*)::int from skipped_files
      where project_id = ${projectId} and repository_id = any(${repositoryIds}::uuid[])
    ) as "filesLeftOut"`.execute(db);
  return rows[0] as DatabaseState;
}
