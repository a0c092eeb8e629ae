// The log: JSON lines in a file, because stdout belongs to the protocol.
import { closeSync, openSync } from 'node:fs';
import { destination, type Logger, pino, stdSerializers } from 'pino';

export type { Logger };

/** A logger that appends to `file`; one that says nothing when the file cannot be written, since a log is never a reason to stop. */
export function openLog(file: string): Logger {
  try {
    closeSync(openSync(file, 'a', 0o600));
  } catch {
    return pino({ enabled: false });
  }
  const lines = destination({ dest: file, sync: true, append: true });
  lines.on('error', () => {}); // a full disk: what could not be written is written when there is room
  return pino({ base: { pid: process.pid }, serializers: { err: withoutRows } }, lines);
}

/** Errors of a database quote the row that they are about, which holds source code, and the parameters of the statement. */
function withoutRows(error: Error): object {
  const { detail: _, where: __, params: ___, ...rest } = stdSerializers.err(error);
  return rest;
}
