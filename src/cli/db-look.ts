// `db current`, `history`, `check` and `stamp`: what the schema is, and whether that is true.
import { Command } from 'commander';
import { count } from '../mcp/render/style.js';
import type { CheckReport } from '../migrations/check.js';
import { withDatabase } from './db-session.js';
import type { Io } from './io.js';
import { jsonOption } from './options.js';

interface LookOptions {
  readonly json?: true;
}

export function currentCommand(io: Io): Command {
  return new Command('current')
    .description('The revision the database is at')
    .addOption(jsonOption())
    .action(async ({ json }: LookOptions, command: Command) => {
      await withDatabase(command, io, async ({ connection: { db } }) => {
        const { currentRevision, HEAD } = await import('../migrations/runner.js');
        const revision = await currentRevision(db);
        io.out(
          json
            ? JSON.stringify({ revision, head: HEAD })
            : `${revision ?? 'no revision'}${revision === HEAD ? ' (head)' : ''}`,
        );
      });
    });
}

export function historyCommand(io: Io): Command {
  return new Command('history')
    .description('Every revision in order, and where the database is')
    .addOption(jsonOption())
    .action(async ({ json }: LookOptions, command: Command) => {
      await withDatabase(command, io, async ({ connection: { db } }) => {
        const { currentRevision } = await import('../migrations/runner.js');
        const { CHAIN } = await import('../migrations/revisions.js');
        const current = await currentRevision(db);
        const rows = CHAIN.map(({ revision, revises, description }) => ({
          revision,
          revises,
          description,
          current: revision === current,
        }));
        const lines = rows.map((row) => `${row.current ? '→' : ' '} ${row.revision.padEnd(30)} ${row.description}`);
        io.out(json ? JSON.stringify(rows, null, 2) : lines.join('\n'));
      });
    });
}

export function checkCommand(io: Io): Command {
  return new Command('check')
    .description('Compare the schema and the data with what the revision promises; exit code 3 on a difference')
    .addOption(jsonOption())
    .action(async ({ json }: LookOptions, command: Command) => {
      await withDatabase(command, io, async ({ connection: { db } }) => {
        const { checkDatabase } = await import('../migrations/check.js');
        const report = await checkDatabase(db);
        io.out(json ? JSON.stringify(report, null, 2) : render(report));
        const wrong = report.checks.flatMap((check) => check.findings);
        if (wrong.length > 0) throw await mismatch(wrong.length, report.revision);
      });
    });
}

async function mismatch(differences: number, revision: string | null): Promise<Error> {
  const { CodebaseError } = await import('../errors.js');
  return new CodebaseError(
    'schema_mismatch',
    `${count(differences, 'difference')} to revision ${revision ?? 'none'}; correct them, or restore a backup into an empty database.`,
  );
}

function render({ revision, checks }: CheckReport): string {
  const lines = checks.flatMap(({ rule, findings }) => [
    `${findings.length === 0 ? '✓' : '✗'} ${rule}`,
    ...findings.map((finding) => `    ${finding}`),
  ]);
  return [`revision ${revision ?? 'none'}`, ...lines].join('\n');
}

export function stampCommand(io: Io): Command {
  return new Command('stamp')
    .description('Record a revision without running it, for tables that are those of the revision already')
    .argument('<revision>', 'head, base, a revision or the beginning of one')
    .addOption(jsonOption())
    .action(async (target: string, { json }: LookOptions, command: Command) => {
      await withDatabase(command, io, async ({ connection, journal }) => {
        const { stamp } = await import('../migrations/stamp.js');
        const revision = await stamp(connection.db, target);
        journal.say(`recorded revision ${revision ?? 'none'}`, { revision });
        io.out(json ? JSON.stringify({ revision }) : (revision ?? 'no revision'));
      });
    });
}
