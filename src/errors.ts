// Expected errors: one class with a code. Everything else that is thrown is a bug and is reported as one.

/** Exit code of the command line for every kind of expected error. */
export const EXIT_CODES = {
  usage: 2,
  schema_mismatch: 3,
  database_newer: 4,
  invalid_input: 10,
  not_found: 11,
  refused_path: 12,
  no_source: 13,
  in_use: 20,
  database_unavailable: 21,
  database_unsuitable: 22,
  data_directory: 23,
  permission_denied: 24,
  disk_full: 25,
  embedder_unavailable: 30,
  timeout: 40,
  cancelled: 130,
} as const;

export type ErrorCode = keyof typeof EXIT_CODES;

/**
 * An error the user can act on. `message` is one sentence that names the value, the place, what is allowed and the next
 * step; it is shown as it is, without a stack trace.
 */
export class CodebaseError extends Error {
  override readonly name = 'CodebaseError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  get exitCode(): number {
    return EXIT_CODES[this.code];
  }
}
