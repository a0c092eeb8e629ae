// One file: text → chunks → terms, postings and vectors. Runs in worker threads.
import { readSource } from '../discovery/read.js';
import type { Embedder, FileVectors } from '../embedding/embedder.js';
import type { ChunkedFile } from '../languages/chunk.js';
import type { Chunker } from '../languages/chunker.js';
import { encodePostings } from '../lexical/postings.js';
import { definitionTerms, terms } from '../lexical/terms.js';
import { fingerprint } from './fingerprint.js';
import type { Candidate, Outcome, PreparedFile, Request } from './prepared.js';

interface Draft {
  readonly path: string;
  readonly fingerprint: string;
  readonly size: number;
  readonly text: string;
  readonly chunked: ChunkedFile;
}

export interface Tools {
  readonly pipeline: string;
  readonly chunker: Chunker;
  readonly embedder: Embedder;
}

/** Read and chunk the files that changed, then embed them together. `began` is called before each file. */
export async function prepare(
  { root, candidates }: Request,
  tools: Tools,
  began: (path: string) => void,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  const drafts: Draft[] = [];
  for (const candidate of candidates) {
    began(candidate.path);
    const result = await draft(root, candidate, tools);
    if ('chunked' in result) drafts.push(result);
    else outcomes.push(result);
  }
  const texts = drafts.map((d) => ({ path: d.path, chunks: d.chunked.chunks.map((chunk) => chunk.text) }));
  const vectors = await tools.embedder.embedFiles(texts);
  for (const [i, d] of drafts.entries()) {
    outcomes.push({
      kind: 'ready',
      path: d.path,
      file: finish(d, vectors[i] as FileVectors, tools.embedder.dimensions),
    });
  }
  return outcomes;
}

async function draft(root: string, candidate: Candidate, tools: Tools): Promise<Draft | Outcome> {
  const { path } = candidate;
  const isKnown = (blob: string): boolean => fingerprint(tools.pipeline, blob) === candidate.known;
  const source = await readSource(root, path, isKnown);
  if ('reason' in source) return { kind: 'skipped', path, reason: source.reason, detail: source.detail ?? null };
  if ('known' in source) return { kind: 'unchanged', path };
  const print = fingerprint(tools.pipeline, source.blob);
  try {
    const chunked = tools.chunker.chunk(path, source.text);
    return { path, fingerprint: print, size: source.size, text: source.text, chunked };
  } catch (error) {
    // One bad file never stops a run: it is listed with what happened.
    return { kind: 'failed', path, message: error instanceof Error ? error.message : String(error) };
  }
}

function finish(draft: Draft, vectors: FileVectors, dimensions: number): PreparedFile {
  const { chunks, language } = draft.chunked;
  const pathTerms = terms(draft.path);
  const { postings, terms: distinct } = encodePostings(
    chunks.map((chunk) => [...terms(chunk.text), ...pathTerms, ...chunk.definitions.flatMap(definitionTerms)]),
  );
  return {
    path: draft.path,
    language,
    fingerprint: draft.fingerprint,
    size: draft.size,
    lines: chunks.at(-1)?.endLine ?? 0,
    chunks: chunks.map((chunk) => ({
      startLine: chunk.startLine,
      endLine: chunk.endLine,
      text: chunk.text,
      symbol: chunk.symbol,
      kind: chunk.kind,
      parents: chunk.parents.length > 0 ? chunk.parents.join('.') : null,
    })),
    terms: distinct.join(' '),
    postings,
    vectors: flatten([...vectors.chunks, vectors.file, vectors.path], dimensions),
  };
}

/** Vectors one after another in one buffer that can be handed to another thread without a copy. */
function flatten(vectors: readonly Float32Array[], dimensions: number): Float32Array {
  const flat = new Float32Array(vectors.length * dimensions);
  for (const [i, vector] of vectors.entries()) flat.set(vector, i * dimensions);
  return flat;
}
