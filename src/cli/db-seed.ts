// `codebase-mcp db seed`
import { Command } from 'commander';
import { count } from '../mcp/render/style.js';
import type { DescribeFile } from '../migrations/seed/tables.js';
import { renderTables } from './db-backup.js';
import { withDatabase } from './db-session.js';
import type { Io } from './io.js';
import { jsonOption, wholeNumber } from './options.js';

interface SeedFlags {
  readonly repositories: number;
  readonly chunks: number;
  readonly projects: number;
  readonly seed: number;
  readonly checksums: boolean;
  readonly json?: true;
}

export function seedCommand(io: Io): Command {
  return new Command('seed')
    .description('Fill an empty database at 005 or at head with made-up rows, the same for the same seed')
    .addOption(wholeNumber('--repositories <n>', 'repositories', 1, 100_000, 100))
    .addOption(wholeNumber('--chunks <n>', 'chunks of all of them together', 0, 10_000_000, 10_000))
    .addOption(wholeNumber('--projects <n>', 'projects they are dealt to (at head)', 1, 1000, 1))
    .addOption(wholeNumber('--seed <n>', 'which rows', 0, 2 ** 31, 1))
    .option('--no-checksums', 'do not read every row again for the checksums')
    .addOption(jsonOption())
    .action(async ({ json, ...options }: SeedFlags, command: Command) => {
      await withDatabase(command, io, async ({ connection, journal }) => {
        const { seed } = await import('../migrations/seed.js');
        const onProgress = everyTenth(options.chunks, (chunks) => journal.say(`${count(chunks, 'chunk')} written`));
        const summary = await seed(connection.db, { ...options, onProgress }, await describer());
        const rows = summary.tables.reduce((sum, table) => sum + table.rows, 0);
        journal.say(`made ${count(rows, 'row')} at revision ${summary.revision}`, { ...options, rows });
        io.out(json ? JSON.stringify(summary, null, 2) : renderTables(summary.tables));
      });
    });
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

/** Calls `tell` for every tenth of `total`, but not for small seeds, which take no time. */
function everyTenth(total: number, tell: (chunks: number) => void): (chunks: number) => void {
  const step = Math.max(20_000, Math.ceil(total / 10));
  let next = step;
  return (chunks) => {
    if (chunks < next) return;
    tell(chunks);
    next += step;
  };
}
