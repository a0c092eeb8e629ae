// Progress of an indexing job on stderr: a bar on a terminal, a line now and then elsewhere.
import { progressLine } from '../mcp/render/report.js';
import type { Job, OnProgress } from '../service.js';
import type { Io } from './io.js';

export interface Progress {
  readonly update: OnProgress;
  /** Clears what is only of use while the job runs. */
  readonly end: () => void;
}

export function openProgress(
  io: Pick<Io, 'err' | 'errColumns'>,
  now: () => number = performance.now.bind(performance),
): Progress {
  return io.errColumns === null ? lines(io.err, now) : bar(io.err, io.errColumns);
}

const BAR_CELLS = 24;

function bar(write: Io['err'], columns: number): Progress {
  const clear = '\r\u001b[K';
  return {
    update: (job) => write(`${clear}${`${cells(job)} ${progressLine(job)}`.slice(0, columns - 1)}`),
    end: () => write(clear),
  };
}

function cells({ files_done, files_total }: Job): string {
  const full = files_total === 0 ? 0 : Math.round((BAR_CELLS * files_done) / files_total);
  return `[${'#'.repeat(full)}${'-'.repeat(BAR_CELLS - full)}]`;
}

const LINE_EVERY_MILLISECONDS = 2000;

function lines(write: Io['err'], now: () => number): Progress {
  let last = now();
  return {
    update: (job) => {
      if (now() - last < LINE_EVERY_MILLISECONDS) return;
      last = now();
      write(`${progressLine(job)}\n`);
    },
    end: () => {},
  };
}
