// The process's streams: the only place that writes to stdout and stderr.

import { PLAIN, type Style, TERMINAL } from '../mcp/render/style.js';
import type { Stop } from './signals.js';

export interface Io {
  /** Answers, on stdout; a line feed is added. */
  readonly out: (text: string) => void;
  /** Everything else, on stderr, as it is. */
  readonly err: (text: string) => void;
  /** How answers look. */
  readonly style: Style;
  /** Width of the terminal that stderr is, or null when it is none. */
  readonly errColumns: number | null;
  /** Aborted by Ctrl-C and its like. */
  readonly signal: AbortSignal;
  /** Milliseconds that the command may take to end after Ctrl-C, instead of a moment. */
  readonly giveTime: Stop['giveTime'];
}

export function processIo({ signal, giveTime }: Stop): Io {
  const { stdout, stderr } = process;
  // A reader that has seen enough (| head) closes the pipe: that ends the program, it is not an error.
  for (const stream of [stdout, stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  }
  return {
    out: (text) => void stdout.write(`${text}\n`),
    err: (text) => void stderr.write(text),
    style: stdout.isTTY && stdout.hasColors() ? TERMINAL : PLAIN,
    errColumns: stderr.isTTY ? stderr.columns || 80 : null,
    signal,
    giveTime,
  };
}

/** Ends the process when what was written has left it: workers and sockets must not keep it alive. */
export function exitAfterFlush(code: number): void {
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
}
