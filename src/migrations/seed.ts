// Fills an empty database with realistic rows, the same for the same seed: for tests, benchmarks and rehearsals of an upgrade.
import { type Kysely, type QueryExecutorProvider, sql, type Transaction } from 'kysely';
import { CodebaseError } from '../errors.js';
import type { Row, TableSummary } from './archive/format.js';
import { tablesWithRows } from './backup.js';
import { ADVISORY_LOCK } from './lock.js';
import { HEAD } from './runner.js';
import { type SeedSize, seedFiles, seedRepositories } from './seed/repositories.js';
import {
  type DescribeFile,
  FIRST_SCHEMA,
  type SeedSchema,
  type SeedTables,
  searchSchema,
  type TableRows,
} from './seed/tables.js';
import { trackingTables } from './seed/tracking.js';
import { vectorSource } from './seed/vectors.js';
import { insertRows, type LoadPlan, putBack, setAside, vectorOids } from './table-load.js';
import { describeTable, isVector, tableNames, tableSummaries } from './table-rows.js';
import { currentRevision } from './version.js';

export interface SeedOptions extends SeedSize {
  /** Called after each batch with the chunks written so far. */
  readonly onProgress?: (chunks: number) => void;
  /** False for a large database: reading every row again takes as long as writing it. */
  readonly checksums: boolean;
}

export interface SeedSummary {
  readonly revision: string;
  /** Checksums are the same for the same options and revision; empty when not asked for. */
  readonly tables: readonly TableSummary[];
}

const BATCH_ROWS = 1000;
const FIRST_REVISION = '005_case_insensitive_vendor';

/**
 * Seed a database at 005 (nine extra tables filled too, one project by its nature) or at head. All or nothing.
 * Throws `schema_mismatch` for another revision or a database with rows.
 */
export function seed<DB>(db: Kysely<DB>, options: SeedOptions, describe: DescribeFile): Promise<SeedSummary> {
  return db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(${sql.lit(ADVISORY_LOCK)})`.execute(tx);
    const { revision, schema } = await seedable(tx, describe);
    const tables = await tableNames(tx);
    const aside = await setAside(tx, tables);
    const writer = new TableWriter(tx);
    await fill(writer, schema, revision, options);
    await alignSequences(tx, tables);
    await putBack(tx, tables, aside);
    for (const table of tables) await sql`analyze ${sql.table(table)}`.execute(tx);
    return { revision, tables: options.checksums ? await tableSummaries(tx, tables) : writer.counts() };
  });
}

async function seedable<DB>(
  tx: Transaction<DB>,
  describe: DescribeFile,
): Promise<{ revision: string; schema: SeedSchema }> {
  const revision = await currentRevision(tx);
  if (revision !== FIRST_REVISION && revision !== HEAD) {
    throw new CodebaseError(
      'schema_mismatch',
      `Rows can be made for revision ${FIRST_REVISION} or ${HEAD}, and the database is at ${revision ?? 'no revision'}; run codebase-mcp db upgrade first.`,
    );
  }
  const filled = await tablesWithRows(tx, await tableNames(tx));
  if (filled.length > 0) {
    throw new CodebaseError(
      'schema_mismatch',
      `The database has rows in ${filled.join(', ')}; rows are made only in an empty one.`,
    );
  }
  return { revision, schema: revision === HEAD ? searchSchema(describe) : FIRST_SCHEMA };
}

async function fill(writer: TableWriter, schema: SeedSchema, revision: string, options: SeedOptions): Promise<void> {
  const repositories = seedRepositories(options);
  await writer.write(schema.first(repositories));
  if (revision === FIRST_REVISION) await writer.write(trackingTables(options.seed, options.repositories));
  const vectors = vectorSource(options.seed, schema.dimensions);
  let chunks = 0;
  for (const file of seedFiles(options, repositories)) {
    await writer.write(schema.file(file, vectors));
    chunks += file.chunks.length;
    options.onProgress?.(chunks);
  }
  await writer.flush();
}

/** Collects rows and inserts them in batches. */
class TableWriter {
  readonly #tx: QueryExecutorProvider;
  readonly #open = new Map<string, { readonly plan: LoadPlan; rows: Row[]; written: number }>();

  constructor(tx: QueryExecutorProvider) {
    this.#tx = tx;
  }

  async write(tables: SeedTables): Promise<void> {
    for (const table of tables) {
      const open = this.#open.get(table.table) ?? (await this.#begin(table));
      for (const row of table.rows) open.rows.push(row);
      if (open.rows.length >= BATCH_ROWS) await this.#insert(open);
    }
  }

  async flush(): Promise<void> {
    for (const open of this.#open.values()) await this.#insert(open);
  }

  counts(): SeedSummary['tables'] {
    return [...this.#open].map(([table, { written }]) => ({ table, rows: written, sha256: '' }));
  }

  async #begin({ table, columns }: TableRows) {
    const types = new Map((await describeTable(this.#tx, table)).columns.map(({ name, type }) => [name, type]));
    const planned = columns.map((name) => {
      const target = types.get(name) ?? 'text';
      return { name, type: isVector(target) ? target : 'text', target };
    });
    const open = { plan: { table, columns: planned, vectorOids: await vectorOids(this.#tx) }, rows: [], written: 0 };
    this.#open.set(table, open);
    return open;
  }

  async #insert(open: { readonly plan: LoadPlan; rows: Row[]; written: number }): Promise<void> {
    await insertRows(this.#tx, open.plan, open.rows);
    open.written += open.rows.length;
    open.rows = [];
  }
}

/** Rows came with their numbers; the next number follows the highest. */
async function alignSequences(tx: QueryExecutorProvider, tables: readonly string[]): Promise<void> {
  for (const table of tables) {
    for (const { column } of (await describeTable(tx, table)).sequences) {
      await sql`select setval(pg_get_serial_sequence(quote_ident(${table}), ${column}), coalesce(max(${sql.ref(column)}), 1), max(${sql.ref(column)}) is not null) from ${sql.table(table)}`.execute(
        tx,
      );
    }
  }
}
