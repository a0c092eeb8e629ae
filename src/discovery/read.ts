// One file → its text and the name of its content, or why it is skipped. What is on disk may change, or be anything, between listing and reading.
import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { blobOf } from './blobs.js';
import { skipByContent } from './content-rules.js';
import { decodeText } from './decode.js';
import { skipByPath } from './path-rules.js';
import { redact } from './redact.js';
import { MAX_FILE_SIZE, type SkippedFile, type SkipReason } from './skip.js';

export interface Source {
  /** Line ends are line feeds; no byte order mark; secrets are redacted. */
  readonly text: string;
  /** The name that git gives to these bytes (see blobs.ts). */
  readonly blob: string;
  /** Bytes on disk. */
  readonly size: number;
}

// A link is not followed and a pipe does not wait for a writer; Windows has neither flag.
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

const ERROR_REASONS: Readonly<Record<string, SkipReason>> = {
  ENOENT: 'vanished',
  ENOTDIR: 'vanished',
  ELOOP: 'symlink',
  EMLINK: 'symlink',
  ENXIO: 'special',
};

/** The file holds what its reader knows already. */
export interface KnownFile {
  readonly blob: string;
  readonly known: true;
}

/**
 * `root` and `path` as discover gives them. A file whose bytes' name `isKnown` accepts is not looked at further. Never
 * throws for anything about the file.
 */
export async function readSource(root: string, path: string): Promise<Source | SkippedFile>;
export async function readSource(
  root: string,
  path: string,
  isKnown: (blob: string) => boolean,
): Promise<Source | KnownFile | SkippedFile>;
export async function readSource(
  root: string,
  path: string,
  isKnown?: (blob: string) => boolean,
): Promise<Source | KnownFile | SkippedFile> {
  const skip = (reason: SkipReason, detail?: string): SkippedFile =>
    detail === undefined ? { path, reason } : { path, reason, detail };
  const byPath = skipByPath(path);
  if (byPath) return skip(byPath);
  let bytes: Buffer | SkipReason;
  try {
    bytes = readBytes(root, path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    return skip(ERROR_REASONS[code] ?? 'unreadable', code);
  }
  if (typeof bytes === 'string') return skip(bytes);
  const blob = blobOf(bytes);
  if (isKnown?.(blob)) return { blob, known: true };
  const text = decodeText(bytes);
  if (text === null) return skip('binary');
  const byContent = skipByContent(path, text);
  return byContent ? skip(byContent) : { text: redact(text), blob, size: bytes.length };
}

/** The calls are synchronous because a file is small and a trip through the thread pool costs more than reading it. */
function readBytes(root: string, path: string): Buffer | SkipReason {
  const file = join(root, path);
  const folder = dirname(file);
  if (realpathSync(folder) !== folder) return 'outside';
  const descriptor = openSync(file, OPEN_FLAGS);
  try {
    const before = fstatSync(descriptor);
    if (!before.isFile()) return 'special';
    if (before.size === 0) return 'empty';
    if (before.size > MAX_FILE_SIZE) return 'too-large';
    const buffer = Buffer.allocUnsafe(before.size + 1);
    const length = readAll(descriptor, buffer);
    const after = fstatSync(descriptor);
    return length === before.size && after.mtimeMs === before.mtimeMs ? buffer.subarray(0, length) : 'changing';
  } finally {
    closeSync(descriptor);
  }
}

function readAll(descriptor: number, buffer: Buffer): number {
  let length = 0;
  for (let read = -1; read !== 0 && length < buffer.length; length += read) {
    read = readSync(descriptor, buffer, length, buffer.length - length, null);
  }
  return length;
}
