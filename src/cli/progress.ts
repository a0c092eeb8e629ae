// Progress of what takes long on stderr: a bar on a terminal, a line now and then elsewhere.
import { progressLine } from '../mcp/render/report.js';
import type { OnProgress } from '../service.js';
import type { Io } from './io.js';

/** How far it is. */
interface Step {
  readonly done: number;
  /** 0 while it is not known. */
  readonly total: number;
  readonly line: string;
}

export interface Progress {
  readonly update: (step: Step) => void;
  /** Clears what is only of use while it runs. */
  readonly end: () => void;
}

export function openProgress(
  io: Pick<Io, 'err' | 'errColumns'>,
  now: () => number = performance.now.bind(performance),
): Progress {
  return io.errColumns === null ? lines(io.err, now) : bar(io.err, io.errColumns);
}

/** Progress of an indexing job. */
export function openJobProgress(...opened: Parameters<typeof openProgress>): {
  readonly update: OnProgress;
  readonly end: Progress['end'];
} {
  const { update, end } = openProgress(...opened);
  return { update: (job) => update({ done: job.files_done, total: job.files_total, line: progressLine(job) }), end };
}

const BAR_CELLS = 24;

function bar(write: Io['err'], columns: number): Progress {
  const clear = '\r\u001b[K';
  return {
    update: (step) => write(`${clear}${`${cells(step)} ${step.line}`.slice(0, columns - 1)}`),
    end: () => write(clear),
  };
}

function cells({ done, total }: Step): string {
  const full = total === 0 ? 0 : Math.round((BAR_CELLS * done) / total);
  return `[${'#'.repeat(full)}${'-'.repeat(BAR_CELLS - full)}]`;
}

const LINE_EVERY_MILLISECONDS = 2000;

function lines(write: Io['err'], now: () => number): Progress {
  let last = now();
  return {
    update: ({ line }) => {
      if (now() - last < LINE_EVERY_MILLISECONDS) return;
      last = now();
      write(`${line}\n`);
    },
    end: () => {},
  };
}
