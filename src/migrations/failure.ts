// A failed step in one sentence: which step, what the database said, that nothing was changed and what to do.
import { CodebaseError, type ErrorCode } from '../errors.js';
import type { PlannedStep } from './plan.js';
import { STOP } from './stops.js';

interface Meaning {
  readonly code: ErrorCode;
  readonly hint: string;
}

const AGAIN = 'run the command again';
const TIMEOUT: Meaning = {
  code: 'timeout',
  hint: 'give it longer with --timeout, at a time when nobody else uses the database',
};
const UNAVAILABLE: Meaning = { code: 'database_unavailable', hint: `${AGAIN} when the database answers` };
const DISK_FULL: Meaning = { code: 'disk_full', hint: `free space on the disk of the database, then ${AGAIN}` };
const DATA: Meaning = { code: 'schema_mismatch', hint: `run codebase-mcp db check, correct the rows, then ${AGAIN}` };

const IN_THE_WAY: Meaning = {
  code: 'schema_mismatch',
  hint: 'run codebase-mcp db check, rename, drop or put back what it names, then try again',
};

/** By SQLSTATE, or its class of two characters. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  [STOP.database]: { code: 'database_unsuitable', hint: AGAIN },
  [STOP.schema]: { code: 'schema_mismatch', hint: AGAIN },
  [STOP.data]: DATA,
  [STOP.rows]: { code: 'schema_mismatch', hint: AGAIN },
  '0A': { code: 'database_unsuitable', hint: 'install pgvector on the server' },
  '08': UNAVAILABLE,
  '22': DATA,
  '23': DATA,
  '25006': { code: 'database_unsuitable', hint: 'use the primary, this database is read-only' },
  '2BP01': { code: 'schema_mismatch', hint: 'drop or change what depends on it, then upgrade again' },
  '40': { code: 'database_unavailable', hint: AGAIN },
  '42501': { code: 'permission_denied', hint: 'use the role that owns the tables' },
  '42701': IN_THE_WAY,
  '42703': IN_THE_WAY,
  '42710': IN_THE_WAY,
  '42804': IN_THE_WAY,
  '42809': IN_THE_WAY,
  '42P01': IN_THE_WAY,
  '42P07': IN_THE_WAY,
  '53100': DISK_FULL,
  '53': UNAVAILABLE,
  '55P03': TIMEOUT,
  '57014': TIMEOUT,
  '57': UNAVAILABLE,
  '58': { code: 'database_unsuitable', hint: 'install pgvector on the server' },
};

/** What node-postgres and PGlite report; both without a SQLSTATE when the connection goes. */
interface DatabaseFailure extends Error {
  readonly code?: string;
  readonly detail?: string;
  readonly hint?: string;
}

/** The SQLSTATE of a database's error; undefined for any other. */
export function sqlState(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as DatabaseFailure).code : undefined;
  return code !== undefined && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

/** The expected error behind a failed statement; any other error is returned as it is, a bug. `step` is null outside of one. */
export function describeStepFailure(error: unknown, step: PlannedStep | null, circumstance?: string): unknown {
  if (error instanceof CodebaseError || !(error instanceof Error)) return error;
  const meaning = meaningOf(error);
  if (!meaning) return error;
  const { message, detail, hint } = error as DatabaseFailure;
  const state = sqlState(error);
  const own = state !== undefined && Object.values<string>(STOP).includes(state);
  const reason = [message, detail, circumstance].filter((part) => part).join(own ? ': ' : ', ');
  const place = step ? `Step ${step.number}/${step.of} of ${step.revision} (${step.title})` : 'The command';
  const stopped = own || state === undefined ? 'stopped' : `failed with SQLSTATE ${state}`;
  return new CodebaseError(
    meaning.code,
    `${place} ${stopped} and everything was rolled back: ${reason}; ${(own && hint) || meaning.hint}.`,
    { cause: error },
  );
}

const CONNECTION_LOST = /^(Connection terminated|Client has encountered a connection error|read ECONNRESET)/;

function meaningOf(error: DatabaseFailure): Meaning | undefined {
  const state = sqlState(error);
  if (state !== undefined) return MEANINGS[state] ?? MEANINGS[state.slice(0, 2)];
  return CONNECTION_LOST.test(error.message) || error.code === 'ECONNRESET' ? UNAVAILABLE : undefined;
}

/** The server may have committed before the connection went: only it knows. */
export function describeCommitFailure(error: unknown, to: string | null): unknown {
  const described = describeStepFailure(error, null);
  if (sqlState(error) !== undefined || !(described instanceof CodebaseError)) return described;
  return new CodebaseError(
    'database_unavailable',
    `The connection was lost while ${to ?? 'base'} was being committed (${(error as Error).message}); codebase-mcp db current says whether it was.`,
    { cause: error },
  );
}
