// The record of a migration: every step's start and end, the server's notices, what was written to files, what failed; a JSON
// line each in the log file and a line for the person who watches.
import { type Logger, openLog } from '../log.js';
import { sqlState } from './failure.js';
import type { StepReport } from './runner.js';

export interface Journal {
  readonly step: (step: StepReport) => void;
  /** A NOTICE or WARNING of the server. */
  readonly notice: (message: string) => void;
  /** Anything else worth a line. */
  readonly say: (message: string, fields?: Readonly<Record<string, unknown>>) => void;
  readonly failed: (error: unknown) => void;
}

/** `write` takes the lines for people, line feed included. */
export function openJournal(file: string, command: string, write: (line: string) => void): Journal {
  const log: Logger = openLog(file).child({ command });
  let last: StepReport | undefined;
  const tell = (text: string): void => write(`${withoutPassword(text)}\n`);
  return {
    step(step) {
      last = step.phase === 'start' ? step : undefined;
      log.info(fieldsOf(step), `step ${step.phase}`);
      tell(stepLine(step));
    },
    notice(message) {
      log.info({ ...(last && fieldsOf(last)), notice: withoutPassword(message) }, 'notice');
      tell(`  notice: ${message}`);
    },
    say(message, fields = {}) {
      log.info(fields, withoutPassword(message));
      tell(message);
    },
    failed(error) {
      log.error({ ...(last && fieldsOf(last)), ...failureOf(error) }, 'failed, everything rolled back');
    },
  };
}

function fieldsOf(step: StepReport): object {
  const { direction, revision, number, of, title, phase, rows, counts, ms } = step;
  return { direction, revision, step: `${number}/${of}`, title, ...(phase === 'end' && { rows, counts, ms }) };
}

function stepLine(step: StepReport): string {
  const place = `${step.direction} ${step.revision} ${step.number}/${step.of} ${step.title}`;
  return step.phase === 'start' ? `${place} …` : `${place}: ${[...rowsOf(step), `${step.ms} ms`].join(', ')}`;
}

/** What a step wrote and counted, in words: "10,000 rows", "repositories 100". */
export function rowsOf({ rows, counts }: Pick<StepReport, 'rows' | 'counts'>): readonly string[] {
  const counted = Object.entries(counts).map(([table, found]) => `${table} ${found.toLocaleString('en-US')}`);
  if (counted.length > 0) return counted;
  return rows > 0 ? [`${rows.toLocaleString('en-US')} ${rows === 1 ? 'row' : 'rows'}`] : [];
}

function failureOf(error: unknown): object {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return { sqlstate: sqlState(cause), reason: withoutPassword(error instanceof Error ? error.message : String(error)) };
}

/** Connection URLs lose their password wherever they turn up. */
function withoutPassword(text: string): string {
  return text.replace(/(\w+:\/\/[^\s:/@]*):[^\s@]*@/g, '$1:***@');
}
