// What passes between the write flow and its worker threads: files to look at, and what became of each.
import type { Config } from '../config.js';
import type { ErrorCode } from '../errors.js';

/** A file to look at. `known`: the fingerprint stored for it, in hex; null when it is new. */
export interface Candidate {
  readonly path: string;
  readonly known: string | null;
}

export interface PreparedChunk {
  readonly startLine: number;
  readonly endLine: number;
  readonly text: string;
  readonly symbol: string | null;
  readonly kind: string | null;
  readonly parents: string | null;
}

/** A file ready to be stored. */
export interface PreparedFile {
  readonly path: string;
  readonly language: string | null;
  readonly fingerprint: string;
  readonly size: number;
  readonly lines: number;
  readonly chunks: readonly PreparedChunk[];
  /** Distinct terms, separated by spaces. */
  readonly terms: string;
  readonly postings: Uint8Array;
  /** `chunks.length + 2` vectors one after another: the chunks in order, the whole file, the path. */
  readonly vectors: Float32Array;
}

export type Outcome =
  | { readonly kind: 'unchanged'; readonly path: string }
  | { readonly kind: 'skipped'; readonly path: string; readonly reason: string; readonly detail: string | null }
  | { readonly kind: 'failed'; readonly path: string; readonly message: string }
  | { readonly kind: 'ready'; readonly path: string; readonly file: PreparedFile };

/** Main → worker. */
export interface Request {
  /** Absolute path that the candidates' paths are relative to. */
  readonly root: string;
  readonly candidates: readonly Candidate[];
}

export interface WorkerSettings {
  readonly embedder: Config['embedder'];
}

/** Worker → main. `began` names the file in hand, so that a worker that hangs or dies names its culprit. */
export type WorkerMessage =
  | { readonly type: 'began'; readonly path: string }
  | { readonly type: 'done'; readonly outcomes: readonly Outcome[] }
  | { readonly type: 'fatal'; readonly code: ErrorCode | null; readonly message: string };
