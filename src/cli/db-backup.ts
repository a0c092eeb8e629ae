// `codebase-mcp db backup [file]` and `codebase-mcp db restore <file>`
import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import type { Config } from '../config.js';
import type { BackupSummary } from '../migrations/backup.js';
import type { RestoreSummary } from '../migrations/restore.js';
import { withConnection } from './db-connection.js';
import type { Io } from './io.js';
import { jsonOption } from './options.js';
import type { GlobalOptions } from './session.js';

interface BackupOptions extends GlobalOptions {
  readonly backupDir?: string;
}

/** Where backups go; `db upgrade` and `db downgrade` have it too. */
export const backupDirOption = (): Option =>
  new Option('--backup-dir <path>', 'directory for backups (default: backups in the data directory)');

/** The data directory is used for a server's backups too: it outlives a restart, which the temporary directory does not. */
export function backupDirectory(config: Config, given: string | undefined): string {
  return given === undefined ? join(config.dataDirectory, 'backups') : resolve(given);
}

export function backupCommand(io: Io): Command {
  return new Command('backup')
    .description('Write every table to one compressed file, which `db restore` puts back, on either engine')
    .argument('[file]', 'file to write; it must not exist (default: a new one in the backup directory)')
    .addOption(backupDirOption())
    .addOption(jsonOption())
    .action(async (file: string | undefined, _options: unknown, command: Command) => {
      const { json, backupDir } = command.optsWithGlobals<BackupOptions>();
      await withConnection(command, async ({ db }, config) => {
        const { backupDatabase, backupFile } = await import('../migrations/backup.js');
        const { currentRevision } = await import('../migrations/runner.js');
        const place = file ?? backupFile(backupDirectory(config, backupDir), await currentRevision(db));
        const summary = await backupDatabase(db, resolve(place));
        io.out(json ? JSON.stringify(summary, null, 2) : renderBackup(summary));
      });
    });
}

export function restoreCommand(io: Io): Command {
  return new Command('restore')
    .description('Put a backup back: a whole database into an empty one, dropped tables after a downgrade')
    .argument('<file>', 'what `db backup`, `db upgrade` or `db downgrade` wrote')
    .addOption(jsonOption())
    .action(async (file: string, _options: unknown, command: Command) => {
      const { json } = command.optsWithGlobals<GlobalOptions>();
      await withConnection(command, async ({ db }) => {
        const { restore } = await import('../migrations/restore.js');
        const summary = await restore(db, resolve(file));
        io.out(json ? JSON.stringify(summary, null, 2) : renderRestore(summary, resolve(file)));
      });
    });
}

function renderBackup({ file, bytes, revision, rows, tables }: BackupSummary): string {
  const megabytes = (bytes / 1e6).toFixed(1);
  const what = `${renderTables(tables)}\n${tables.length} tables with ${rows.toLocaleString('en-US')} rows`;
  return `${what} of revision ${revision ?? 'base'} in ${file} (${megabytes} MB)`;
}

function renderRestore({ header, rows, tables }: RestoreSummary, file: string): string {
  const what = `${renderTables(tables)}\n${tables.length} tables with ${rows.toLocaleString('en-US')} rows`;
  return `${what} of revision ${header.revision ?? 'base'} from ${file}: every row is as it was in ${header.engine}`;
}

/** One line a table: rows and the beginning of the checksum, which is the same for the same rows. */
export function renderTables(tables: BackupSummary['tables']): string {
  const name = Math.max(...tables.map(({ table }) => table.length), 0);
  const rows = tables.map((table) => table.rows.toLocaleString('en-US'));
  const width = Math.max(...rows.map((text) => text.length), 0);
  return tables
    .map(({ table, sha256 }, i) => `${table.padEnd(name)}  ${(rows[i] ?? '').padStart(width)}  ${sha256.slice(0, 16)}`)
    .join('\n');
}
