// Ranked files → the places to show, read from the database in one statement.
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../database/tables.js';
import type { SearchResult } from '../service.js';
import type { RankedFile } from './rank.js';
import { SIGNAL_NAMES } from './signals.js';

/** Further places named per file, and how close to the best they must come. */
const MORE_PLACES = 3;
const MORE_SHARE = 0.6;

interface Row {
  readonly file_id: string;
  readonly ordinal: number;
  /** Null for the places that are only named. */
  readonly content: string | null;
  readonly start_line: number;
  readonly end_line: number;
  readonly symbol: string | null;
  readonly kind: string | null;
  readonly parents: string | null;
}

/** A file of an answer with its places, best first. */
export interface ShownFile {
  readonly id: string;
  readonly repositoryId: string;
  readonly path: string;
  readonly language: string | null;
  readonly score: number;
  readonly chunks: readonly { readonly ordinal: number; readonly score: number }[];
  readonly why?: NonNullable<SearchResult['why']>;
}

/** `repositories`: id → absolute path. `explain`: with what every signal adds to the score. */
export async function readPlaces(
  db: Kysely<Tables>,
  projectId: string,
  ranked: readonly RankedFile[],
  repositories: ReadonlyMap<string, string>,
  explain: boolean,
): Promise<readonly SearchResult[]> {
  const files = ranked.map((file) => {
    const { id, repositoryId, path, language } = file.file.evidence;
    const shown = { id, repositoryId, path, language, score: file.score, chunks: file.chunks };
    return explain ? { ...shown, why: whyOf(file) } : shown;
  });
  return showFiles(db, projectId, files, repositories);
}

/** The best place of each file with its code, and where else to look in it. */
export async function showFiles(
  db: Kysely<Tables>,
  projectId: string,
  files: readonly ShownFile[],
  repositories: ReadonlyMap<string, string>,
): Promise<readonly SearchResult[]> {
  const wanted = files.flatMap((file) =>
    placesOf(file).map((ordinal, i) => ({ id: file.id, ordinal, shown: i === 0 })),
  );
  const { rows } = await sql<Row>`
    select c.file_id::text, c.ordinal, case when w.shown then c.content end as content, c.start_line, c.end_line,
      c.symbol, c.kind, c.parents
    from unnest(
      ${wanted.map((w) => w.id)}::bigint[], ${wanted.map((w) => w.ordinal)}::int[], ${wanted.map((w) => w.shown)}::bool[]
    ) as w(file_id, ordinal, shown)
    join code_chunks c on c.project_id = ${projectId} and c.file_id = w.file_id and c.ordinal = w.ordinal`.execute(db);
  const byPlace = new Map(rows.map((row) => [`${row.file_id} ${row.ordinal}`, row]));
  return files.flatMap((file) => {
    // A file that was indexed anew between two statements has other ids; it is left out rather than mixed up.
    const [best, ...more] = placesOf(file).flatMap((ordinal) => byPlace.get(`${file.id} ${ordinal}`) ?? []);
    if (best === undefined || best.content === null) return [];
    return {
      project: projectId,
      repository: repositories.get(file.repositoryId) ?? '',
      path: file.path,
      language: file.language,
      ...place(best),
      score: rounded(file.score),
      code_line: best.start_line,
      code: best.content.replace(/\s+$/, ''),
      truncated: false,
      more: more.map(place).sort((a, b) => a.start_line - b.start_line),
      ...(file.why === undefined ? {} : { why: file.why }),
    };
  });
}

function whyOf({ file, points }: RankedFile): NonNullable<SearchResult['why']> {
  const signals = SIGNAL_NAMES.map((signal) => ({
    signal,
    value: rounded(file.signals[signal]),
    points: rounded(points[signal]),
  }));
  return signals.sort((a, b) => Math.abs(b.points) - Math.abs(a.points));
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function placesOf(file: ShownFile): readonly number[] {
  const best = file.chunks[0]?.score ?? 0;
  return file.chunks
    .slice(0, 1 + MORE_PLACES)
    .filter((chunk, i) => i === 0 || chunk.score >= MORE_SHARE * best)
    .map((chunk) => chunk.ordinal);
}

function place(row: Row): Pick<SearchResult, 'start_line' | 'end_line' | 'symbol' | 'kind'> {
  const symbol = row.symbol !== null && row.parents !== null ? `${row.parents}.${row.symbol}` : row.symbol;
  return { start_line: row.start_line, end_line: row.end_line, symbol, kind: row.kind };
}
