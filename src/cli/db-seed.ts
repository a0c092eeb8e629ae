// `codebase-mcp db seed`
import { Command, InvalidArgumentError } from 'commander';
import type { DescribeFile } from '../migrations/seed/tables.js';
import type { SeedSummary } from '../migrations/seed.js';
import { renderTables } from './db-backup.js';
import { withConnection } from './db-connection.js';
import type { Io } from './io.js';
import { jsonOption } from './options.js';
import type { GlobalOptions } from './session.js';

interface SeedFlags extends GlobalOptions {
  readonly repositories: number;
  readonly chunks: number;
  readonly projects: number;
  readonly seed: number;
  readonly checksums: boolean;
}

const MOST_CHUNKS = 10_000_000;

export function seedCommand(io: Io): Command {
  return new Command('seed')
    .description(
      'Fill an empty database with made-up repositories, for tests and rehearsals; the same seed gives the same rows',
    )
    .option('--repositories <n>', 'repositories', integer(1, 100_000), 100)
    .option('--chunks <n>', 'chunks of all of them together', integer(0, MOST_CHUNKS), 10_000)
    .option('--projects <n>', 'projects the repositories are dealt to, at head', integer(1, 100_000), 1)
    .option('--seed <n>', 'any number', integer(0, 2 ** 32), 1)
    .option('--no-checksums', 'do not read every row again for its checksum')
    .addOption(jsonOption())
    .action(async (_options: unknown, command: Command) => {
      const { json, ...options } = command.optsWithGlobals<SeedFlags>();
      await withConnection(command, async ({ db }) => {
        const { seed } = await import('../migrations/seed.js');
        const summary = await seed(db, { ...options, onProgress: progress(io, options.chunks) }, await describer());
        io.out(json ? JSON.stringify(summary, null, 2) : renderSeed(summary));
      });
    });
}

function integer(from: number, to: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= from && value <= to) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${from} to ${to}.`);
  };
}

/** What the indexer would store of a file for lexical search. */
async function describer(): Promise<DescribeFile> {
  const { encodePostings } = await import('../lexical/postings.js');
  const { definitionTerms, terms } = await import('../lexical/terms.js');
  return (file) => {
    const pathTerms = terms(file.path);
    return encodePostings(
      file.chunks.map(({ text, symbol }) => [...terms(text), ...pathTerms, ...definitionTerms(symbol)]),
    );
  };
}

/** A line on stderr for every tenth; small seeds take no time. */
function progress(io: Io, total: number): (chunks: number) => void {
  const step = Math.max(10_000, Math.ceil(total / 10));
  let next = step;
  return (chunks) => {
    if (chunks < next) return;
    io.err(`${chunks.toLocaleString('en-US')} of ${total.toLocaleString('en-US')} chunks\n`);
    next += step;
  };
}

function renderSeed({ revision, tables, checksums }: SeedSummary): string {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0).toLocaleString('en-US');
  const list = checksums === null ? '' : `${renderTables(checksums)}\n`;
  return `${list}${rows} rows made at revision ${revision}`;
}
