// `--sql`: the plan as a script for psql or any client that sends several statements, the same statements that a run executes.
import { ALLOW_DROPPING_ROWS } from './dropped-rows.js';
import { TAKE_LOCK } from './lock.js';
import type { Plan, PlannedStep } from './plan.js';

/** One transaction; `discardRows` lets steps drop tables that have rows. */
export function scriptOf(plan: Plan, discardRows: boolean): string {
  if (plan.steps.length === 0) return `-- Nothing to do: the database is at ${plan.to ?? 'no revision'}.\n`;
  const opening = ['BEGIN', TAKE_LOCK, ...(discardRows ? [ALLOW_DROPPING_ROWS] : []), ...plan.opening];
  return [
    `-- codebase-mcp: from ${plan.from ?? 'an empty database'} to ${plan.to ?? 'an empty database'}, all or nothing.\n`,
    ...opening.map(ended),
    ...plan.steps.map(stepText),
    ended('COMMIT'),
  ].join('\n');
}

function stepText(step: PlannedStep): string {
  const heading = `-- ${step.direction} ${step.revision}, step ${step.number}/${step.of}: ${step.title}\n`;
  return [heading, ...step.sql.map(ended)].join('');
}

function ended(statement: string): string {
  return `${statement};\n`;
}
