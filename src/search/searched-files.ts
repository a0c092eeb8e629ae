// The files that one search looks at, with what their vectors say about the question. In memory; nothing is asked of the
// database here.
import { ASPECTS, type Aspect, type RepositoryFiles } from './file-cache.js';
import type { FileRow } from './file-rows.js';
import { roundedQuery } from './int8-matrix.js';

export interface FileCosines {
  readonly file: number;
  readonly path: number;
}

export class SearchedFiles {
  private readonly parts: readonly Part[];
  private readonly chosen: ReadonlySet<string> | null;

  /** `chosen`: ids of the files that pass the filters; null without filters. `vector`: the question's, null without one. */
  constructor(
    repositories: readonly RepositoryFiles[],
    chosen: ReadonlySet<string> | null,
    vector: Float32Array | null,
  ) {
    this.chosen = chosen;
    this.parts = repositories.map((repository) => ({
      repository,
      rows: rowsOf(repository, chosen),
      cosines: cosinesOf(repository, vector),
    }));
  }

  /** How much the filters let pass. */
  size(): { files: number; chunks: number } {
    const sizes = this.parts.map(({ rows, repository }) => ({
      files: rows.length,
      chunks: rows.reduce((sum, row) => sum + (repository.files[row]?.chunks ?? 0), 0),
    }));
    return {
      files: sizes.reduce((sum, size) => sum + size.files, 0),
      chunks: sizes.reduce((sum, size) => sum + size.chunks, 0),
    };
  }

  /** Whether the filters let the file pass. */
  has(id: string): boolean {
    return this.chosen?.has(id) ?? true;
  }

  /** Null for a file that came after the search began. */
  find(id: string): { file: FileRow; cosines: FileCosines | null } | null {
    for (const { repository, cosines } of this.parts) {
      const row = repository.rowOf.get(id);
      const file = row === undefined ? undefined : repository.files[row];
      if (row === undefined || file === undefined) continue;
      return {
        file,
        cosines: cosines && { file: cosines.content[row] as number, path: cosines.path[row] as number },
      };
    }
    return null;
  }

  /** Ids of files whose path is this one or ends in it. */
  called(path: string, limit: number): readonly string[] {
    const found = this.parts.flatMap(({ repository, rows }) =>
      Array.from(rows, (row) => repository.files[row]).filter((file) => file !== undefined && endsIn(file.path, path)),
    );
    return found.slice(0, limit).flatMap((file) => file?.id ?? []);
  }

  /** For each kind of vector, ids of the files whose vectors are nearest to the question's, best first. Exact. */
  nearest(limit: number): readonly (readonly string[])[] {
    return this.parts.some(({ cosines }) => cosines) ? ASPECTS.map((aspect) => this.nearestBy(aspect, limit)) : [];
  }

  private nearestBy(aspect: Aspect, limit: number): readonly string[] {
    const found = this.parts.flatMap(({ repository, rows, cosines }) => {
      if (cosines === null) return [];
      const values = cosines[aspect];
      const best = highest(values, rows, limit);
      return Array.from(best, (row) => ({ id: repository.files[row]?.id ?? '', value: values[row] as number }));
    });
    found.sort((a, b) => b.value - a.value);
    return found.slice(0, limit).map(({ id }) => id);
  }
}

/** Is the path this one, or one in directories? */
export function endsIn(path: string, end: string): boolean {
  return path === end || path.endsWith(`/${end}`);
}

/** Those of the rows that have the highest values; a few more where values are equal. */
function highest(values: Float32Array, rows: Uint32Array, limit: number): Uint32Array {
  const sorted = new Float32Array(rows.length);
  for (let i = 0; i < rows.length; i++) sorted[i] = values[rows[i] as number] as number;
  // Typed arrays sort without a comparator, ten times faster than an array of rows with one.
  const least = sorted.sort()[Math.max(0, rows.length - limit)] ?? 0;
  return rows.filter((row) => (values[row] as number) >= least);
}

interface Part {
  readonly repository: RepositoryFiles;
  /** Those that the filters let pass. */
  readonly rows: Uint32Array;
  /** By row of the repository. */
  readonly cosines: Readonly<Record<Aspect, Float32Array>> | null;
}

function cosinesOf({ vectors }: RepositoryFiles, vector: Float32Array | null): Part['cosines'] {
  if (vectors === null || vector === null) return null;
  const query = roundedQuery(vector);
  return { content: vectors.content.products(query), path: vectors.path.products(query) };
}

function rowsOf({ files }: RepositoryFiles, chosen: ReadonlySet<string> | null): Uint32Array {
  const rows = Uint32Array.from(files.keys());
  return chosen === null ? rows : rows.filter((row) => chosen.has(files[row]?.id ?? ''));
}
