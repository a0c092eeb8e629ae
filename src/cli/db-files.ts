// `db backup`, `restore` and `seed`: the database into a file, back from it, and rows to rehearse with.
import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { count } from '../mcp/render/style.js';
import { withDatabase } from './db-session.js';
import type { Io } from './io.js';
import { jsonOption } from './options.js';

interface FileOptions {
  readonly json?: true;
}

export function backupCommand(io: Io): Command {
  return new Command('backup')
    .description('Write every table to one compressed, checksummed file')
    .argument('[file]', 'a file that does not exist yet (default: in backups of the data directory)')
    .addOption(jsonOption())
    .action(async (file: string | undefined, { json }: FileOptions, command: Command) => {
      await withDatabase(command, io, async ({ config, connection, journal }) => {
        const { backupDatabase, backupFile } = await import('../migrations/backup.js');
        const { currentRevision } = await import('../migrations/version.js');
        const target =
          file === undefined
            ? backupFile(resolve(config.dataDirectory, 'backups'), await currentRevision(connection.db))
            : resolve(file);
        const summary = await backupDatabase(connection.db, target);
        journal.say(
          `wrote ${count(summary.rows, 'row')} of ${count(summary.tables.length, 'table')} to ${summary.file}`,
          { backup: summary.file, rows: summary.rows },
        );
        io.out(json ? JSON.stringify(summary, null, 2) : summary.file);
      });
    });
}

export function restoreCommand(io: Io): Command {
  return new Command('restore')
    .description('Put back a file that db backup, db upgrade or db downgrade wrote')
    .argument('<file>')
    .addOption(jsonOption())
    .action(async (file: string, { json }: FileOptions, command: Command) => {
      await withDatabase(command, io, async ({ connection, journal }) => {
        const { restore } = await import('../migrations/restore.js');
        const summary = await restore(connection.db, resolve(file));
        journal.say(`restored ${count(summary.rows, 'row')} from ${resolve(file)}`, {
          backup: resolve(file),
          rows: summary.rows,
        });
        const lines = summary.tables.map(({ table, rows }) => `${table}: ${count(rows, 'row')}`);
        io.out(json ? JSON.stringify(summary, null, 2) : lines.join('\n'));
      });
    });
}

interface SeedOptions extends FileOptions {
  readonly repositories: number;
  readonly chunks: number;
  readonly projects: number;
  readonly seed: number;
}

export function seedCommand(io: Io): Command {
  return new Command('seed')
    .description('Fill an empty database at 005 or at head with made-up rows, the same for the same seed')
    .addOption(number('--repositories <n>', 10, 100_000))
    .addOption(number('--chunks <n>', 1000, 1_000_000))
    .addOption(number('--projects <n>', 1, 1000))
    .addOption(number('--seed <n>', 1, 2 ** 31))
    .addOption(jsonOption())
    .action(async ({ json, ...size }: SeedOptions, command: Command) => {
      await withDatabase(command, io, async ({ connection, journal }) => {
        const { seed } = await import('../migrations/seed.js');
        const { describeFile } = await import('../indexing/describe-seed.js');
        const summary = await seed(connection.db, { ...size, checksums: size.chunks <= CHECKSUMMED }, describeFile);
        const lines = summary.tables.map(({ table, rows }) => `${table}: ${count(rows, 'row')}`);
        journal.say(`seeded ${count(size.chunks, 'chunk')}`, { ...size });
        io.out(json ? JSON.stringify(summary, null, 2) : lines.join('\n'));
      });
    });
}

/** Chunks up to which reading every row again, for its checksum, is quick. */
const CHECKSUMMED = 10_000;

function number(flags: string, usual: number, most: number): Option {
  return new Option(flags, `1 to ${most.toLocaleString('en-US')}`).default(usual).argParser((text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= 1 && value <= most) return value;
    throw new InvalidArgumentError(`Use a number from 1 to ${most}.`);
  });
}
