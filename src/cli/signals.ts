// Ctrl-C, SIGTERM and SIGHUP: the first asks the command to stop and gives it a moment, the second ends the process.
import { constants } from 'node:os';

/** How long a command may take to cancel its work and close the database. */
const GRACE_MILLISECONDS = 900;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface Stop {
  readonly signal: AbortSignal;
  /** 128 + the signal's number when one arrived, otherwise null. */
  readonly exitCode: () => number | null;
  /** Milliseconds that the command may take instead of a moment, because others depend on what it has in hand. */
  readonly giveTime: (milliseconds: number) => void;
}

export function stopOnSignals(): Stop {
  const controller = new AbortController();
  let exitCode: number | null = null;
  let grace = GRACE_MILLISECONDS;
  for (const name of SIGNALS) {
    process.on(name, () => {
      const code = 128 + constants.signals[name];
      if (exitCode !== null) process.exit(code);
      exitCode = code;
      setTimeout(() => process.exit(code), grace).unref();
      controller.abort();
    });
  }
  const giveTime = (milliseconds: number) => {
    grace = milliseconds;
  };
  return { signal: controller.signal, exitCode: () => exitCode, giveTime };
}
