// What a database or the system under it may answer, in words: SQLSTATEs and system error codes to one sentence each.
import { CodebaseError, type ErrorCode } from '../errors.js';

export const SQLSTATE = {
  diskFull: '53100',
  outOfMemory: '53200',
  tooManyConnections: '53300',
  adminShutdown: '57P01',
  crashShutdown: '57P02',
  cannotConnectNow: '57P03',
  invalidPassword: '28P01',
  invalidAuthorization: '28000',
  noSuchDatabase: '3D000',
  serializationFailure: '40001',
  lockNotAvailable: '55P03',
  objectInUse: '55006',
  insufficientPrivilege: '42501',
  readOnlyTransaction: '25006',
  dataCorrupted: 'XX001',
  indexCorrupted: 'XX002',
  fileMissing: '58P01',
} as const;

interface Meaning {
  readonly code: ErrorCode;
  /** `reason` is the database's own message. */
  readonly say: (place: string, reason: string) => string;
}

const KEPT = 'what is already indexed is kept';
const DISK_FULL: Meaning = {
  code: 'disk_full',
  say: (place) => `No space is left on the disk of ${place}; free some and run the command again, ${KEPT}.`,
};
const UNREACHABLE: Meaning = {
  code: 'database_unavailable',
  say: (place, reason) =>
    `No PostgreSQL answers at ${place} (${reason}); start it, or correct DATABASE_URL, or unset it to use the embedded database.`,
};
const BUSY: Meaning = {
  code: 'database_unavailable',
  say: (place, reason) =>
    `The database at ${place} takes no work at the moment (${reason}); run the command again in a while, ${KEPT}.`,
};
const FORBIDDEN: Meaning = {
  code: 'permission_denied',
  say: (place, reason) =>
    `The files of ${place} cannot be read and written (${reason}); correct their owner and permissions, or set CODEBASE_MCP_DATA_DIR to a directory of your own.`,
};
const LOGIN: Meaning = {
  code: 'database_unavailable',
  say: (place, reason) =>
    `PostgreSQL at ${place} refused the login (${reason}); correct the user and password in DATABASE_URL.`,
};
const CERTIFICATE: Meaning = {
  code: 'database_unavailable',
  say: (place, reason) =>
    `PostgreSQL at ${place} has a certificate that is not trusted here (${reason}); add sslrootcert=/path/to/ca.pem to DATABASE_URL, or sslmode=no-verify to encrypt without checking who answers.`,
};
const CORRUPT: Meaning = {
  code: 'data_directory',
  say: (place, reason) =>
    `The database at ${place} is damaged (${reason}); move it away and index again, the code itself is not touched.`,
};

const MEANINGS: Readonly<Record<string, Meaning>> = {
  [SQLSTATE.diskFull]: DISK_FULL,
  ENOSPC: DISK_FULL,
  EDQUOT: DISK_FULL,
  EACCES: FORBIDDEN,
  EPERM: FORBIDDEN,
  EROFS: FORBIDDEN,
  ENOMEM: BUSY,
  EMFILE: BUSY,
  [SQLSTATE.outOfMemory]: BUSY,
  [SQLSTATE.tooManyConnections]: BUSY,
  [SQLSTATE.adminShutdown]: BUSY,
  [SQLSTATE.crashShutdown]: BUSY,
  [SQLSTATE.cannotConnectNow]: BUSY,
  [SQLSTATE.serializationFailure]: BUSY, // on a standby: what a query reads was removed at the primary
  [SQLSTATE.invalidPassword]: LOGIN,
  [SQLSTATE.invalidAuthorization]: LOGIN,
  [SQLSTATE.noSuchDatabase]: {
    code: 'database_unavailable',
    say: (place, reason) =>
      `PostgreSQL at ${place} has no such database (${reason}); create it with createdb, or correct DATABASE_URL.`,
  },
  [SQLSTATE.insufficientPrivilege]: {
    code: 'permission_denied',
    say: (place, reason) =>
      `The role in DATABASE_URL may not do this at ${place} (${reason}); grant it CREATE and USAGE on the schema, or use its owner.`,
  },
  [SQLSTATE.readOnlyTransaction]: {
    code: 'database_unsuitable',
    say: (place) =>
      `The database at ${place} is a read-only copy, which can be searched and not changed; point DATABASE_URL at the primary for that.`,
  },
  [SQLSTATE.dataCorrupted]: CORRUPT,
  [SQLSTATE.indexCorrupted]: CORRUPT,
  ECONNREFUSED: UNREACHABLE,
  ECONNRESET: UNREACHABLE,
  ENOTFOUND: UNREACHABLE,
  EAI_AGAIN: UNREACHABLE,
  ETIMEDOUT: UNREACHABLE,
  EHOSTUNREACH: UNREACHABLE,
  ENETUNREACH: UNREACHABLE,
  EPIPE: UNREACHABLE,
  DEPTH_ZERO_SELF_SIGNED_CERT: CERTIFICATE,
  SELF_SIGNED_CERT_IN_CHAIN: CERTIFICATE,
  UNABLE_TO_GET_ISSUER_CERT: CERTIFICATE,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: CERTIFICATE,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: CERTIFICATE,
  CERT_HAS_EXPIRED: CERTIFICATE,
  ERR_TLS_CERT_ALTNAME_INVALID: CERTIFICATE,
};

/** pg reports these without a code. */
const DRIVER_WORDS: readonly (readonly [RegExp, Meaning])[] = [
  [/^(Connection terminated|Client has encountered a connection error|timeout expired|timeout exceeded)/, UNREACHABLE],
  [/^(The server does not support SSL|There was an error establishing an SSL)/, UNREACHABLE],
  [/^SASL: /, LOGIN],
];

/**
 * The expected error behind `error`, or null when it is a bug of ours. `place` says which database, without a password:
 * "127.0.0.1:5432" or a directory.
 */
export function describeDatabaseError(error: unknown, place = 'the database'): CodebaseError | null {
  for (const candidate of chain(error)) {
    if (candidate instanceof CodebaseError) return candidate;
    const meaning = meaningOf(candidate);
    if (meaning) return new CodebaseError(meaning.code, meaning.say(place, candidate.message), { cause: error });
  }
  return null;
}

/** The database that was to be connected to is not there. */
export function isNoSuchDatabase(error: unknown): boolean {
  return chain(error).some((candidate) => (candidate as NodeJS.ErrnoException).code === SQLSTATE.noSuchDatabase);
}

/** A file of a table or an index; other missing files are those of extensions. */
const DATA_FILE = /"(base|global)\//;

function meaningOf(error: NodeJS.ErrnoException): Meaning | undefined {
  if (error.syscall === 'connect') return UNREACHABLE;
  if (error.code === SQLSTATE.fileMissing && DATA_FILE.test(error.message)) return CORRUPT;
  return MEANINGS[error.code ?? ''] ?? DRIVER_WORDS.find(([words]) => words.test(error.message))?.[1];
}

/** What the system says inside PostgreSQL's messages when PGlite gives no code: opening a directory, and its death. */
const SYSTEM_WORDS: readonly (readonly [RegExp, string])[] = [
  [/No space left on device|Quota exceeded/, 'ENOSPC'],
  [/out of memory|could not allocate|Cannot allocate memory/i, 'ENOMEM'],
  [/Too many open files/, 'EMFILE'],
  [/Permission denied|Operation not permitted|Read-only file system/, 'EACCES'],
];

/** The expected error behind a reason of PGlite's, or null. */
export function describeEngineReason(reason: string, place?: string): CodebaseError | null {
  const code = SYSTEM_WORDS.find(([words]) => words.test(reason))?.[1];
  return code === undefined ? null : describeDatabaseError(Object.assign(new Error(reason), { code }), place);
}

/** PostgreSQL's words for damaged data, or null when that is not what is wrong. */
export function damageOf(error: unknown): string | null {
  const damage = chain(error).find((candidate: NodeJS.ErrnoException) => meaningOf(candidate) === CORRUPT);
  return damage?.message ?? null;
}

/** What several tries failed with, the error itself, its causes. */
function chain(error: unknown): readonly Error[] {
  if (!(error instanceof Error)) return [];
  const parts = error instanceof AggregateError ? error.errors : [];
  return [...parts.flatMap(chain), error, ...chain(error.cause)];
}
