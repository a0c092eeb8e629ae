// Runs revisions against a database: one transaction for the whole command, so it is all or nothing.
import { CompiledQuery, type Kysely, type QueryResult, type Transaction } from 'kysely';
import { CodebaseError } from '../errors.js';
import { tablesWithRows } from './backup.js';
import { position, resolveTarget } from './chain.js';
import { Deadline } from './deadline.js';
import { ALLOW_DROPPING_ROWS } from './dropped-rows.js';
import { describeCommitFailure, describeStepFailure } from './failure.js';
import { lockHolder, NOTICE_A_LOST_CLIENT, TAKE_LOCK } from './lock.js';
import { type Plan, type PlannedStep, planOf } from './plan.js';
import { CHAIN, HEAD } from './revisions.js';
import { currentRevision } from './version.js';

export { currentRevision, HEAD };

/** A step that starts or has ended. */
export interface StepReport extends Pick<PlannedStep, 'direction' | 'revision' | 'number' | 'of' | 'title'> {
  readonly phase: 'start' | 'end';
  /** Rows written; 0 at the start. */
  readonly rows: number;
  /** Rows of tables that the step counted. */
  readonly counts: Readonly<Record<string, number>>;
  readonly ms: number;
}

export interface MigrateOptions {
  /** For the whole command, from the moment it is called. The embedded engine can only stop between two statements. */
  readonly timeoutMs?: number;
  /** Called before and after every step, and awaited; when it throws, everything is rolled back. */
  readonly onStep?: (step: StepReport) => void | Promise<void>;
  /** Called when another program holds the lock, with words for who it is. */
  readonly onWait?: (holder: string) => void;
  /**
   * Writes the tables that a step is about to drop, inside its transaction, when one of them has rows. Without it such a step
   * stops; `discard` lets the rows go.
   */
  readonly archive?: ((tx: Transaction<unknown>, tables: readonly string[]) => Promise<void>) | 'discard';
}

export interface RunOptions extends MigrateOptions {
  /** `head`, `base`, a revision or the beginning of one, `+n` or `-n`. */
  readonly target?: string;
  /** Do everything, then roll it back. */
  readonly dryRun?: boolean;
}

export interface RunSummary {
  readonly from: string | null;
  readonly to: string | null;
  /** Applied or taken back, in this order. */
  readonly revisions: readonly string[];
  /** Ended steps. */
  readonly steps: readonly StepReport[];
  readonly ms: number;
}

/** Brings the database up to `target` (default head). A second runner waits and then finds nothing to do. */
export function upgrade<DB>(db: Kysely<DB>, options: RunOptions = {}): Promise<RunSummary> {
  return run(db, 'upgrade', options.target ?? 'head', options);
}

/** Takes the database down to `target`. */
export function downgrade<DB>(db: Kysely<DB>, options: RunOptions & { readonly target: string }): Promise<RunSummary> {
  return run(db, 'downgrade', options.target, options);
}

/** What `upgrade` or `downgrade` would do now. */
export async function planTo<DB>(db: Kysely<DB>, target: string, direction: Direction): Promise<Plan> {
  const from = await currentRevision(db);
  const to = resolveTarget(CHAIN, target, from);
  refuseOtherSide(direction, from, to);
  return planOf(from, to);
}

class DryRun extends Error {}

async function run<DB>(db: Kysely<DB>, direction: Direction, target: string, options: RunOptions): Promise<RunSummary> {
  let summary: RunSummary | undefined;
  let failure: unknown;
  try {
    await db.transaction().execute(async (tx) => {
      try {
        summary = await migrate(tx, target, options, direction);
      } catch (error) {
        failure = error; // a rollback on a lost connection would throw its own instead
        throw error;
      }
      if (options.dryRun) throw new DryRun();
    });
  } catch (error) {
    if (error instanceof DryRun && summary) return summary;
    throw failure ?? (summary ? describeCommitFailure(error, summary.to) : describeStepFailure(error, null));
  }
  if (!summary) throw new Error('the transaction ended without a summary');
  return summary;
}

type Direction = PlannedStep['direction'];

/**
 * Brings the database to `target` inside a transaction that someone else ends: `restore` loads rows after it. With a
 * `direction`, a target on the other side is refused.
 */
export async function migrate<DB>(
  tx: Transaction<DB>,
  target: string,
  options: MigrateOptions = {},
  direction?: Direction,
): Promise<RunSummary> {
  const start = performance.now();
  const session = { tx, deadline: new Deadline(options.timeoutMs ?? Number.POSITIVE_INFINITY), options };
  await statement(session, NOTICE_A_LOST_CLIENT);
  await takeLock(session);
  const from = await currentRevision(tx);
  const to = resolveTarget(CHAIN, target, from);
  if (direction) refuseOtherSide(direction, from, to);
  const steps = await execute(session, planOf(from, to));
  return { from, to, revisions: [...new Set(steps.map((step) => step.revision))], steps, ms: since(start) };
}

function refuseOtherSide(direction: Direction, from: string | null, to: string | null): void {
  const distance = position(CHAIN, to) - position(CHAIN, from);
  if (direction === 'upgrade' ? distance >= 0 : distance <= 0) return;
  const [side, other] = direction === 'upgrade' ? ['before', 'downgrade'] : ['after', 'upgrade'];
  throw new CodebaseError(
    'usage',
    `${to ?? 'base'} comes ${side} ${from ?? 'base'}, where the database is; use codebase-mcp db ${other} ${to ?? 'base'}.`,
  );
}

interface Session<DB> {
  readonly tx: Transaction<DB>;
  readonly deadline: Deadline;
  readonly options: MigrateOptions;
}

async function takeLock<DB>(session: Session<DB>): Promise<void> {
  const holder = await lockHolder(session.tx);
  if (holder !== null) session.options.onWait?.(holder);
  try {
    await statement(session, TAKE_LOCK);
  } catch (error) {
    throw describeStepFailure(error, null, holder === null ? undefined : `waited for ${holder}`);
  }
}

async function execute<DB>(session: Session<DB>, plan: Plan): Promise<readonly StepReport[]> {
  const reports: StepReport[] = [];
  let current: PlannedStep | null = null;
  try {
    for (const text of plan.opening) await statement(session, text);
    for (current of plan.steps) reports.push(await executeStep(session, current));
  } catch (error) {
    throw describeStepFailure(error, current);
  }
  return reports;
}

async function executeStep<DB>(session: Session<DB>, step: PlannedStep): Promise<StepReport> {
  const { direction, revision, number, of, title } = step;
  const place = { direction, revision, number, of, title };
  const start = performance.now();
  await session.options.onStep?.({ ...place, phase: 'start', rows: 0, counts: {}, ms: 0 });
  await keepRows(session, step.drops ?? []);
  let rows = 0;
  const counts: Record<string, number> = {};
  for (const text of step.sql) {
    const result = await statement(session, text);
    rows += Number(result.numAffectedRows ?? 0);
    for (const { counted, rows: found } of result.rows as readonly Counted[])
      if (counted) counts[counted] = Number(found);
  }
  const report: StepReport = { ...place, phase: 'end', rows, counts, ms: since(start) };
  await session.options.onStep?.(report);
  return report;
}

async function keepRows<DB>({ tx, options: { archive } }: Session<DB>, drops: readonly string[]): Promise<void> {
  if (drops.length === 0 || archive === undefined) return;
  const filled = await tablesWithRows(tx, drops);
  if (filled.length === 0) return;
  // Empty ones too: their sequences come back with them.
  if (archive !== 'discard') await archive(tx as Transaction<unknown>, drops);
  await tx.executeQuery(CompiledQuery.raw(ALLOW_DROPPING_ROWS));
}

/** A row of a statement that counts. */
interface Counted {
  readonly counted?: string;
  readonly rows?: string;
}

async function statement<DB>({ tx, deadline }: Session<DB>, text: string): Promise<QueryResult<unknown>> {
  await deadline.enforce(tx);
  return await tx.executeQuery(CompiledQuery.raw(text));
}

function since(start: number): number {
  return Math.round((performance.now() - start) * 10) / 10;
}
