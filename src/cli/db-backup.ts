// `codebase-mcp db backup [file]` and `codebase-mcp db restore <file>`
import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import type { Config } from '../config.js';
import { count } from '../mcp/render/style.js';
import type { BackupSummary } from '../migrations/backup.js';
import { withDatabase } from './db-session.js';
import type { Io } from './io.js';
import { jsonOption } from './options.js';

interface BackupOptions {
  readonly json?: true;
  readonly backupDir?: string;
}

export const backupDirOption = (): Option =>
  new Option('--backup-dir <path>', 'where backups go (default: backups in the data directory)');

/** The data directory serves a server's backups too: it outlives a restart, which the temporary directory does not. */
export function backupDirectory(config: Config, given: string | undefined): string {
  return given === undefined ? join(config.dataDirectory, 'backups') : resolve(given);
}

export function backupCommand(io: Io): Command {
  return new Command('backup')
    .description('Write every table to one compressed, checksummed file, which restore puts back on either engine')
    .argument('[file]', 'a file that does not exist yet (default: a new one where backups go)')
    .addOption(backupDirOption())
    .addOption(jsonOption())
    .action(async (file: string | undefined, { json, backupDir }: BackupOptions, command: Command) => {
      await withDatabase(command, io, async ({ config, connection, journal }) => {
        const { backupDatabase, backupFile } = await import('../migrations/backup.js');
        const { currentRevision } = await import('../migrations/version.js');
        const place = file ?? backupFile(backupDirectory(config, backupDir), await currentRevision(connection.db));
        const summary = await backupDatabase(connection.db, resolve(place));
        const { rows, bytes, revision, tables } = summary;
        journal.say(`wrote ${count(rows, 'row')} of revision ${revision ?? 'none'} to ${summary.file}`, {
          backup: summary.file,
          rows,
          bytes,
        });
        io.out(json ? JSON.stringify(summary, null, 2) : `${renderTables(tables)}\n${summary.file}`);
      });
    });
}

export function restoreCommand(io: Io): Command {
  return new Command('restore')
    .description(
      'Put a backup back: a database into an empty one, dropped tables after the downgrade that recreates them',
    )
    .argument('<file>', 'what db backup, db upgrade or db downgrade wrote')
    .addOption(jsonOption())
    .action(async (given: string, { json }: BackupOptions, command: Command) => {
      const file = resolve(given);
      await withDatabase(command, io, async ({ connection, journal }) => {
        const { restore } = await import('../migrations/restore.js');
        const summary = await restore(connection.db, file);
        journal.say(`restored ${count(summary.rows, 'row')} from ${file}, all as they were written`, {
          backup: file,
          rows: summary.rows,
        });
        io.out(json ? JSON.stringify(summary, null, 2) : renderTables(summary.tables));
      });
    });
}

/** One line a table: its rows and the beginning of their checksum, which is the same for the same rows. */
export function renderTables(tables: BackupSummary['tables']): string {
  const name = Math.max(...tables.map(({ table }) => table.length), 0);
  const rows = tables.map((table) => count(table.rows, 'row'));
  const width = Math.max(...rows.map((text) => text.length), 0);
  return tables
    .map(({ table, sha256 }, i) => `${table.padEnd(name)}  ${(rows[i] ?? '').padStart(width)}  ${sha256.slice(0, 16)}`)
    .join('\n');
}
