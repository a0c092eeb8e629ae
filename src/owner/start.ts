// Starting the owner as a process of its own, and what it tells its starter: that the database is open, or why it cannot be.
import { spawn } from 'node:child_process';
import { parse } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type Config, environmentOf } from '../config.js';
import { CodebaseError, type ErrorCode, EXIT_CODES } from '../errors.js';

const MAIN = fileURLToPath(new URL('../cli/main.js', import.meta.url));

/**
 * What keeps a process small that is there all day: it may collect its garbage when it comes to rest, and memory that threads
 * have freed goes back to the system instead of staying in a pool for each of them (glibc).
 */
const LEAN_FLAGS = ['--expose-gc'] as const;
const LEAN_ENVIRONMENT = { MALLOC_ARENA_MAX: '1' } as const;

const Outcome = z.discriminatedUnion('type', [
  z.object({ type: z.literal('open') }),
  z.object({ type: z.literal('failed'), code: z.string().nullable(), message: z.string() }),
]);
export type Outcome = z.infer<typeof Outcome>;

/** The owner ended before it had opened the database, and did not say why: it was killed, or it crashed. */
export class EndedEarly extends CodebaseError {
  constructor({ dataDirectory, logFile }: Config, how: string) {
    super(
      'database_unavailable',
      `The process that is to hold the index in "${dataDirectory}" ended while it started (${how}); run the command again, and look into ${logFile} if it happens again.`,
    );
  }
}

/** Starts an owner that outlives this process. Resolves when its database is open; throws its error when it cannot be. */
export async function startOwner(config: Config): Promise<void> {
  const child = spawn(process.execPath, [...LEAN_FLAGS, MAIN, 'owner'], {
    detached: true,
    windowsHide: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    // Not the directory of a person's repository, which could not be unmounted or removed on some systems.
    cwd: parse(config.dataDirectory).root,
    env: { ...LEAN_ENVIRONMENT, ...environmentOf(config) },
  });
  try {
    const outcome = await new Promise<Outcome>((resolve, reject) => {
      child.once('message', (message) => resolve(Outcome.parse(message)));
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        const fail = () => reject(new EndedEarly(config, `${signal ?? `exit code ${code}`}`));
        // Its last words may still be on their way when its end is known.
        if (child.connected) child.once('disconnect', fail);
        else fail();
      });
    });
    if (outcome.type === 'failed') throw errorOf(outcome);
  } finally {
    if (child.connected) child.disconnect();
    child.unref();
  }
}

/** To be called by the owner; says nothing when it was started by hand, or when its starter is gone. */
export function tellStarter(outcome: Outcome): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) return resolve();
    process.send(outcome, undefined, {}, () => {
      if (process.connected) process.disconnect();
      resolve();
    });
  });
}

function errorOf({ code, message }: Extract<Outcome, { type: 'failed' }>): Error {
  return code !== null && Object.hasOwn(EXIT_CODES, code)
    ? new CodebaseError(code as ErrorCode, message)
    : new Error(message);
}
