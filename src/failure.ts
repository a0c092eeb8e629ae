// The one place that turns whatever was thrown into a sentence: expected errors speak for themselves, anything else is a
// bug, goes to the log with its stack and is reported as one line.
import { CodebaseError, EXIT_CODES } from './errors.js';

export interface Failure {
  readonly sentence: string;
  readonly exitCode: number;
  readonly cancelled: boolean;
}

const CANCELLED: Failure = { sentence: 'Cancelled.', exitCode: EXIT_CODES.cancelled, cancelled: true };

/** `logFile` is asked for its path only when there is a bug to log. */
export async function describeFailure(error: unknown, logFile: () => Promise<string>): Promise<Failure> {
  if (error instanceof CodebaseError) {
    return { sentence: error.message, exitCode: error.exitCode, cancelled: error.code === 'cancelled' };
  }
  if (error instanceof Error && error.name === 'AbortError') return CANCELLED;
  const { openLog } = await import('./log.js');
  const file = await logFile();
  openLog(file).error({ bug: essence(error) }, 'unexpected error');
  return {
    sentence: `An unexpected error, which is a bug; ${file} has the details.`,
    exitCode: 1,
    cancelled: false,
  };
}

/** Only what identifies the bug: database errors carry the parameters of the statement, which are people's source code. */
function essence(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack } = error;
  const code = 'code' in error ? { code: error.code } : {};
  return { name, message, stack, ...code, ...(error.cause === undefined ? {} : { cause: essence(error.cause) }) };
}
