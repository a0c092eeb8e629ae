// A file's fingerprint: equal fingerprints mean that indexing it again would store the same rows.
import { createHash } from 'node:crypto';
import { REDACTION_VERSION } from '../discovery/redact.js';
import type { Embedder } from '../embedding/embedder.js';
import { CHUNKER_VERSION } from '../languages/chunker.js';
import { TERMS_VERSION } from '../lexical/terms.js';

/** Everything besides the bytes that decides what is stored for a file. */
export function pipelineVersion(embedder: Embedder): string {
  return `chunker ${CHUNKER_VERSION}, terms ${TERMS_VERSION}, redaction ${REDACTION_VERSION}, ${embedder.provider} ${embedder.model} ${embedder.dimensions}`;
}

/** SHA-256 in hex over the pipeline's version and `blob`, git's name of the file's content. */
export function fingerprint(pipeline: string, blob: string): string {
  return createHash('sha256').update(`${pipeline}\0${blob}`).digest('hex');
}
