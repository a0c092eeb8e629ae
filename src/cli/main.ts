#!/usr/bin/env node
// Entry point: runs the command and turns whatever it throws into one line and an exit code.
import { CommanderError } from 'commander';
import { EXIT_CODES } from '../errors.js';
import { exitAfterFlush, processIo } from './io.js';
import { createProgram } from './program.js';
import { configOf } from './session.js';
import { stopOnSignals } from './signals.js';

const stop = stopOnSignals();
const io = processIo(stop);
const program = createProgram(io);
let code = 0;
try {
  await program.parseAsync();
} catch (error) {
  code = error instanceof CommanderError ? usageCode(error) : await report(error);
}
exitAfterFlush(stop.exitCode() ?? code);

/** Commander has already printed the help, the version or what is wrong with the arguments. */
function usageCode(error: CommanderError): number {
  return error.exitCode === 0 ? 0 : EXIT_CODES.usage;
}

async function report(error: unknown): Promise<number> {
  const { describeFailure } = await import('../failure.js');
  const failure = await describeFailure(error, async () => (await configOf(program)).logFile);
  io.err(`codebase-mcp: ${failure.sentence}\n`);
  return failure.exitCode;
}
