// Runs revisions against a database: one transaction for the whole command, so it is all or nothing.
import { CompiledQuery, type Kysely, sql, type Transaction } from 'kysely';
import { type Move, path, resolveTarget } from './chain.js';
import { CHAIN, HEAD } from './revisions.js';
import { currentRevision, recordMove, VERSION_TABLE } from './version.js';

export { currentRevision, HEAD };

/** Every program that migrates asks for this lock; the number is arbitrary and must never change. */
const ADVISORY_LOCK = 7_301_994_021;

export interface RunOptions {
  /** `head`, `base`, a revision or the beginning of one, `+n` or `-n`. */
  readonly target?: string;
}

export interface RunSummary {
  readonly from: string | null;
  readonly to: string | null;
  readonly revisions: readonly string[];
}

/** Brings the database up to `target` (default head). A second runner waits and then finds nothing to do. */
export function upgrade<DB>(db: Kysely<DB>, options: RunOptions = {}): Promise<RunSummary> {
  return run(db, options.target ?? 'head');
}

/** Takes the database down to `target`. */
export function downgrade<DB>(db: Kysely<DB>, options: RunOptions & { readonly target: string }): Promise<RunSummary> {
  return run(db, options.target);
}

async function run<DB>(db: Kysely<DB>, target: string): Promise<RunSummary> {
  return db.transaction().execute(async (tx) => {
    await sql`SELECT pg_advisory_xact_lock(${sql.lit(ADVISORY_LOCK)})`.execute(tx);
    const from = await currentRevision(tx);
    const to = resolveTarget(CHAIN, target, from);
    const moves = path(CHAIN, from, to);
    if (moves.length > 0) await statement(tx, VERSION_TABLE);
    for (const move of moves) await apply(tx, move);
    return { from, to, revisions: moves.map((move) => move.revision.revision) };
  });
}

async function apply<DB>(tx: Transaction<DB>, move: Move): Promise<void> {
  for (const step of move.steps) for (const text of step.sql) await statement(tx, text);
  for (const text of recordMove(move.to)) await statement(tx, text);
}

async function statement<DB>(tx: Transaction<DB>, text: string): Promise<void> {
  await tx.executeQuery(CompiledQuery.raw(text));
}
