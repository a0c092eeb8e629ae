// The time limit of a whole command, handed to the server statement by statement: PostgreSQL before 17 limits only statements.
import { CompiledQuery, type Transaction } from 'kysely';
import { CodebaseError } from '../errors.js';

export class Deadline {
  readonly #limitMs: number;
  readonly #end: number;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
    this.#end = performance.now() + limitMs;
  }

  /** Limits the statements that follow in `tx` to the time that is left; throws when none is. */
  async enforce<DB>(tx: Transaction<DB>): Promise<void> {
    const left = Math.ceil(this.#end - performance.now());
    if (left <= 0) {
      throw new CodebaseError(
        'timeout',
        `The ${this.#limitMs / 1000} s given are over and everything was rolled back; give it longer with --timeout.`,
      );
    }
    const text = Number.isFinite(left) ? String(left) : '0';
    await tx.executeQuery(CompiledQuery.raw(`SELECT set_config('statement_timeout', '${text}', true)`));
  }
}
