// What a command will do, as statements: the run executes them, `--sql` prints them. Pure.
import { type Move, path } from './chain.js';
import { stopAtRows } from './dropped-rows.js';
import type { Step } from './revision.js';
import { CHAIN } from './revisions.js';
import { verifyData, verifySchema } from './verification.js';
import { recordRevision, stopUnlessAt, VERSION_TABLE } from './version.js';

/** A step with its place: number 1 to `of` in its revision. */
export interface PlannedStep extends Step {
  readonly direction: Move['direction'];
  readonly revision: string;
  readonly number: number;
  readonly of: number;
}

export interface Plan {
  readonly from: string | null;
  readonly to: string | null;
  /** Before the first step: the database is what the plan starts from. */
  readonly opening: readonly string[];
  /** None when the database is at the target. */
  readonly steps: readonly PlannedStep[];
}

export function planOf(from: string | null, to: string | null): Plan {
  const steps = path(CHAIN, from, to).flatMap(stepsOf);
  const opening = [stopUnlessAt(from), verifySchema(from), ...(from === null ? [VERSION_TABLE] : [])];
  return { from, to, opening: steps.length > 0 ? opening : [], steps };
}

function stepsOf(move: Move): readonly PlannedStep[] {
  const steps = [...move.revision[move.direction].map(guarded), verification(move.to), summary(move.to)];
  return steps.map((step, index) => ({
    ...step,
    direction: move.direction,
    revision: move.revision.revision,
    number: index + 1,
    of: steps.length,
  }));
}

function guarded(step: Step): Step {
  return step.drops ? { ...step, sql: [stopAtRows(step.drops), ...step.sql] } : step;
}

function verification(to: string | null): Step {
  return { title: 'verification', sql: [verifySchema(to), ...verifyData(to)] };
}

const COUNTS = `SELECT 'repositories' AS counted, count(*) AS rows FROM repositories
UNION ALL SELECT 'code_chunks', count(*) FROM code_chunks`;

function summary(to: string | null): Step {
  return { title: 'summary', sql: to === null ? recordRevision(null) : [...recordRevision(to), COUNTS] };
}
