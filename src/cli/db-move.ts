// `db upgrade` and `db downgrade`: run, rehearse or print.
import { Command, InvalidArgumentError, Option } from 'commander';
import { count, duration } from '../mcp/render/style.js';
import type { BackupSummary } from '../migrations/backup.js';
import type { RunOptions, RunSummary } from '../migrations/runner.js';
import { backupDirectory, backupDirOption } from './db-backup.js';
import { type DatabaseSession, withDatabase } from './db-session.js';
import { withinTime } from './db-timeout.js';
import type { Io } from './io.js';
import { jsonOption } from './options.js';

type RowsOf = typeof import('../migrations/journal.js').rowsOf;
type Direction = 'upgrade' | 'downgrade';

interface MoveOptions {
  readonly sql?: true;
  readonly dryRun?: true;
  /** False after --no-backup. */
  readonly backup: boolean;
  readonly backupDir?: string;
  /** Milliseconds. */
  readonly timeout: number;
  readonly json?: true;
}

export function upgradeCommand(io: Io): Command {
  return moveCommand(io, 'upgrade')
    .description('Bring the schema up to a revision, all or nothing')
    .argument('[revision]', 'head, a revision or the beginning of one, or +n', 'head');
}

export function downgradeCommand(io: Io): Command {
  return moveCommand(io, 'downgrade')
    .description('Take the schema back to a revision, all or nothing')
    .argument('<revision>', 'base, a revision or the beginning of one, or -n');
}

function moveCommand(io: Io, direction: Direction): Command {
  return new Command(direction)
    .option('--sql', 'print the script instead of running it')
    .option('--dry-run', 'do everything, then roll it back')
    .option('--no-backup', 'drop tables without writing their rows to a file first')
    .addOption(backupDirOption())
    .addOption(
      new Option('--timeout <time>', 'for the whole command: 90s, 5m, 2h')
        .default(300_000, '5m')
        .argParser(milliseconds),
    )
    .addOption(jsonOption())
    .action(async (target: string, options: MoveOptions, command: Command) => {
      await withDatabase(command, io, (session) =>
        options.sql ? print(io, session, target, direction, options) : move(io, session, target, direction, options),
      );
    });
}

const UNITS = { s: 1000, m: 60_000, h: 3_600_000 } as const;
/** PostgreSQL's statement_timeout ends at 2^31 ms. */
const LONGEST_MS = 24 * UNITS.h;

function milliseconds(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)([smh])$/.exec(text) ?? [];
  const value = Number(amount) * UNITS[(unit ?? 's') as keyof typeof UNITS];
  if (value > 0 && value <= LONGEST_MS) return value;
  throw new InvalidArgumentError('Use a number with s, m or h, up to 24h.');
}

async function print(
  io: Io,
  { connection }: DatabaseSession,
  target: string,
  direction: Direction,
  options: MoveOptions,
): Promise<void> {
  const { planTo } = await import('../migrations/runner.js');
  const { scriptOf } = await import('../migrations/script.js');
  io.out(scriptOf(await planTo(connection.db, target, direction), !options.backup));
}

async function move(
  io: Io,
  session: DatabaseSession,
  target: string,
  direction: Direction,
  options: MoveOptions,
): Promise<void> {
  const { connection, journal } = session;
  const runner = await import('../migrations/runner.js');
  const { rowsOf } = await import('../migrations/journal.js');
  const backups: BackupSummary[] = [];
  const run: RunOptions & { readonly target: string } = {
    target,
    timeoutMs: options.timeout,
    dryRun: options.dryRun ?? false,
    onStep: journal.step,
    onWait: (holder) => journal.say(`waiting for ${holder}, which changes this database`),
    archive: options.backup && !options.dryRun ? await archiver(session, options, backups) : 'discard',
  };
  journal.say(`${direction} ${target} of ${connection.description}`);
  const summary = await withinTime(connection, options.timeout, () => runner[direction](connection.db, run));
  journal.say(outcome(summary, options), { from: summary.from, to: summary.to, ms: summary.ms });
  io.out(options.json ? JSON.stringify(wire(summary, backups, options), null, 2) : render(summary, backups, rowsOf));
}

type Archive = NonNullable<RunOptions['archive']>;

/** Writes what is dropped to a file, and remembers it in `backups`. */
async function archiver(
  { config, journal }: DatabaseSession,
  options: MoveOptions,
  backups: BackupSummary[],
): Promise<Archive> {
  const { backupFile, writeTablesBackup } = await import('../migrations/backup.js');
  const { currentRevision } = await import('../migrations/runner.js');
  const directory = backupDirectory(config, options.backupDir);
  return async (tx, tables) => {
    const backup = await writeTablesBackup(tx, tables, backupFile(directory, await currentRevision(tx)));
    backups.push(backup);
    const filled = backup.tables.filter((table) => table.rows > 0).map(({ table }) => table);
    journal.say(`wrote ${count(backup.rows, 'row')} of ${filled.join(', ')} to ${backup.file}`, {
      backup: backup.file,
      rows: backup.rows,
    });
  };
}

function outcome({ from, to, revisions, ms }: RunSummary, { dryRun }: MoveOptions): string {
  if (revisions.length === 0) return `nothing to do, the database is at ${to ?? 'base'}`;
  const done = dryRun ? 'rolled back as asked' : 'committed';
  return `${from ?? 'base'} → ${to ?? 'base'} ${done}, ${count(revisions.length, 'revision')} in ${duration(ms)}`;
}

function render(
  { from, to, revisions, steps, ms }: RunSummary,
  backups: readonly BackupSummary[],
  rowsOf: RowsOf,
): string {
  const lines = revisions.flatMap((revision) => [
    revision,
    ...steps
      .filter((step) => step.revision === revision)
      .map((step) =>
        `  ${step.number}/${step.of} ${step.title.padEnd(28)} ${duration(step.ms).padStart(8)}  ${rowsOf(step).join(', ')}`.trimEnd(),
      ),
  ]);
  return [
    ...lines,
    steps.length === 0 ? `${to ?? 'base'}: nothing to do` : `${from ?? 'base'} → ${to ?? 'base'} in ${duration(ms)}`,
    ...backups.map(
      ({ file, rows }) =>
        `${count(rows, 'row')} of dropped tables are in ${file}; after a downgrade: codebase-mcp db restore ${file}`,
    ),
  ].join('\n');
}

/** The answer of `--json`. */
function wire(summary: RunSummary, backups: readonly BackupSummary[], { dryRun }: MoveOptions): object {
  const steps = summary.steps.map(({ direction, revision, number, of, title, rows, counts, ms }) => ({
    direction,
    revision,
    number,
    of,
    title,
    rows,
    counts,
    ms,
  }));
  return { ...summary, steps, dry_run: dryRun ?? false, backups };
}
