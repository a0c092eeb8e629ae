// The rows of the first schema and of the schema at head, from the same repositories, files and chunks.
import { createHash } from 'node:crypto';
import type { Row } from '../archive/format.js';
import type { SeedChunk, SeedFile, SeedRepository } from './repositories.js';
import type { VectorSource } from './vectors.js';

/** Rows of one table; values in PostgreSQL's text form, vectors as in a backup. */
export interface TableRows {
  readonly table: string;
  readonly columns: readonly string[];
  readonly rows: Row[];
}

export type SeedTables = readonly TableRows[];

/** What lexical search stores of a file; injected, because migrations know nothing of search. */
export type DescribeFile = (file: SeedFile) => { readonly terms: readonly string[]; readonly postings: Buffer };

/** A schema that can be seeded. */
export interface SeedSchema {
  readonly dimensions: number;
  /** Tables that are filled before the files. */
  readonly first: (repositories: readonly SeedRepository[]) => SeedTables;
  readonly file: (file: SeedFile, vectors: VectorSource) => SeedTables;
}

const REPOSITORY_COLUMNS = ['id', 'path', 'name', 'indexed_at', 'metadata', 'created_at', 'updated_at'];

function repositoryRow(repository: SeedRepository): Row {
  const { id, path, name, indexedAt, metadata, createdAt } = repository;
  return [id, path, name, indexedAt, metadata, createdAt, createdAt];
}

/** Revisions 001, 003 and 005: the vector stands in the chunk. */
export const FIRST_SCHEMA: SeedSchema = {
  dimensions: 768,
  first: (repositories) => [
    { table: 'repositories', columns: REPOSITORY_COLUMNS, rows: repositories.map(repositoryRow) },
  ],
  file: (file, vectors) => [
    {
      table: 'code_chunks',
      columns: [
        'id',
        'repository_id',
        'file_path',
        'content',
        'start_line',
        'end_line',
        'embedding',
        'created_at',
        'updated_at',
      ],
      rows: file.chunks.map((chunk) => {
        const [start, end] = lines(chunk);
        const vector = vectors.near(file.topic);
        return [
          chunk.id,
          file.repository.id,
          file.path,
          chunk.text,
          start,
          end,
          vector,
          chunk.createdAt,
          chunk.createdAt,
        ];
      }),
    },
  ],
};

/** Revision 006: files, chunks and vectors apart. */
export function searchSchema(describe: DescribeFile): SeedSchema {
  return {
    dimensions: 256,
    first: (repositories) => [
      {
        table: 'repositories',
        columns: [...REPOSITORY_COLUMNS, 'project_id'],
        rows: repositories.map((repository) => [...repositoryRow(repository), repository.project]),
      },
      {
        table: 'embedding_models',
        columns: ['id', 'provider', 'model', 'dimensions'],
        rows: [['1', 'seed', 'topics', '256']],
      },
    ],
    file: (file, vectors) => [
      fileRow(file, describe),
      chunkRows(file),
      chunkVectors(file, vectors),
      fileVectors(file, vectors),
    ],
  };
}

function fileRow(file: SeedFile, describe: DescribeFile): TableRows {
  const { terms, postings } = describe(file);
  const text = file.chunks.map((chunk) => chunk.text).join('\n');
  const hash = createHash('sha256').update(text).digest('hex');
  const size = String(Buffer.byteLength(text));
  const lineCount = String(file.chunks.reduce((sum, chunk) => sum + chunk.lines, 0));
  const { project, id: repository, indexedAt } = file.repository;
  return {
    table: 'code_files',
    columns: [
      'project_id',
      'id',
      'repository_id',
      'path',
      'language',
      'content_hash',
      'size_bytes',
      'line_count',
      'chunk_count',
      'terms',
      'postings',
      'indexed_at',
    ],
    rows: [
      [
        project,
        String(file.id),
        repository,
        file.path,
        file.language,
        `\\x${hash}`,
        size,
        lineCount,
        String(file.chunks.length),
        lexemes(terms),
        `\\x${postings.toString('hex')}`,
        indexedAt,
      ],
    ],
  };
}

function chunkRows(file: SeedFile): TableRows {
  const { project, id: repository } = file.repository;
  return {
    table: 'code_chunks',
    columns: [
      'id',
      'project_id',
      'repository_id',
      'file_id',
      'ordinal',
      'file_path',
      'content',
      'start_line',
      'end_line',
      'symbol',
      'kind',
      'parents',
      'created_at',
      'updated_at',
    ],
    rows: file.chunks.map((chunk, ordinal) => {
      const place = [chunk.id, project, repository, String(file.id), String(ordinal), file.path];
      return [...place, chunk.text, ...lines(chunk), chunk.symbol, 'function', null, chunk.createdAt, chunk.createdAt];
    }),
  };
}

function chunkVectors(file: SeedFile, vectors: VectorSource): TableRows {
  const { project, id: repository } = file.repository;
  return {
    table: 'chunk_embeddings',
    columns: ['project_id', 'repository_id', 'file_id', 'ordinal', 'model_id', 'embedding'],
    rows: file.chunks.map((_, ordinal) => [
      project,
      repository,
      String(file.id),
      String(ordinal),
      '1',
      vectors.near(file.topic),
    ]),
  };
}

function fileVectors(file: SeedFile, vectors: VectorSource): TableRows {
  const { project, id: repository } = file.repository;
  return {
    table: 'file_embeddings',
    columns: ['project_id', 'repository_id', 'file_id', 'model_id', 'aspect', 'embedding'],
    rows: ['content', 'path'].map((aspect) => [
      project,
      repository,
      String(file.id),
      '1',
      aspect,
      vectors.near(file.topic),
    ]),
  };
}

function lines(chunk: SeedChunk): readonly [string, string] {
  return [String(chunk.startLine), String(chunk.startLine + chunk.lines - 1)];
}

/** As `tsvector` reads them. */
function lexemes(terms: readonly string[]): string {
  return terms.map((term) => `'${term.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`).join(' ');
}
