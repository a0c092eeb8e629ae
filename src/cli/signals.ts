// Ctrl-C, SIGTERM and SIGHUP: the first asks the command to stop and gives it a moment, the second ends the process.
import { constants } from 'node:os';

/** How long a command may take to cancel its work and close the database. */
const GRACE_MILLISECONDS = 900;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface Stop {
  readonly signal: AbortSignal;
  /** 128 + the signal's number when one arrived, otherwise null. */
  readonly exitCode: () => number | null;
}

export function stopOnSignals(): Stop {
  const controller = new AbortController();
  let exitCode: number | null = null;
  for (const name of SIGNALS) {
    process.on(name, () => {
      const code = 128 + constants.signals[name];
      if (exitCode !== null) process.exit(code);
      exitCode = code;
      setTimeout(() => process.exit(code), GRACE_MILLISECONDS).unref();
      controller.abort();
    });
  }
  return { signal: controller.signal, exitCode: () => exitCode };
}
