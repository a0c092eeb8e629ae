// Ollama's HTTP protocol: POST {base}/api/embed with a list of texts, in batches, with patience for a busy server and one
// clear sentence for one that cannot help.
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { OllamaConfig } from '../config.js';
import { CodebaseError } from '../errors.js';

const BATCH_SIZE = 32;
/** The first request may have to load the model from disk. */
const TIMEOUT_MS = 120_000;
/** Waits between attempts; one attempt more than there are waits. */
const BACK_OFF_MS = [250, 1000, 4000];
const SHOWN_CHARACTERS = 200;

const Answer = z.object({ embeddings: z.array(z.array(z.number())) });

export interface EmbedOptions {
  /** Length that every vector must have; without it, the length of the first one. */
  readonly dimensions?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface Timing {
  readonly timeoutMs: number;
  readonly backOffMs: readonly number[];
}

/** A failure that may pass by itself. */
class TemporaryFailure extends Error {}

export class OllamaClient {
  readonly model: string;
  private readonly baseUrl: string;
  private readonly timing: Timing;

  constructor(config: OllamaConfig, timing: Timing = { timeoutMs: TIMEOUT_MS, backOffMs: BACK_OFF_MS }) {
    this.model = config.model;
    this.baseUrl = config.baseUrl;
    this.timing = timing;
  }

  /** Vectors in the order of the texts, as the model gives them. Throws `embedder_unavailable`. */
  async embed(texts: readonly string[], options: EmbedOptions = {}): Promise<readonly (readonly number[])[]> {
    const vectors: (readonly number[])[] = [];
    for (let start = 0; start < texts.length; start += BATCH_SIZE) {
      const batch = texts.slice(start, start + BATCH_SIZE);
      const answer = await this.request(batch, options.signal);
      vectors.push(...this.checked(answer, batch.length, options.dimensions ?? vectors[0]?.length));
    }
    return vectors;
  }

  private async request(input: readonly string[], signal: AbortSignal | undefined): Promise<unknown> {
    for (const wait of this.timing.backOffMs) {
      try {
        return await this.attempt(input, signal);
      } catch (error) {
        if (!(error instanceof TemporaryFailure)) throw error;
        await sleep(wait, undefined, signal === undefined ? {} : { signal });
      }
    }
    return this.attempt(input, signal).catch((error: unknown) => {
      throw error instanceof TemporaryFailure
        ? this.unavailable(`keeps failing (${error.message}); look at its log and try again`, error)
        : error;
    });
  }

  private async attempt(input: readonly string[], signal: AbortSignal | undefined): Promise<unknown> {
    const limit = AbortSignal.timeout(this.timing.timeoutMs);
    try {
      const response = await fetch(`${this.baseUrl}/api/embed`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: this.model, input }),
        signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
      });
      return this.content(response.status, await response.text());
    } catch (error) {
      if (error instanceof CodebaseError || error instanceof TemporaryFailure) throw error;
      signal?.throwIfAborted();
      throw this.transportError(error, limit.aborted);
    }
  }

  private content(status: number, body: string): unknown {
    if (status === 200) return parseJson(body) ?? this.refuse(status, body);
    if (status >= 500 || status === 429) throw new TemporaryFailure(`status ${status}: ${shown(body)}`);
    if (status === 404 && body.includes('model')) {
      throw this.unavailable(`has no model "${this.model}"; get it with: ollama pull ${this.model}`);
    }
    return this.refuse(status, body);
  }

  private refuse(status: number, body: string): never {
    throw this.unavailable(
      `answered /api/embed with status ${status}: ${shown(body)}; OLLAMA_BASE_URL must name an Ollama server and CODEBASE_MCP_OLLAMA_MODEL an embedding model`,
    );
  }

  private transportError(error: unknown, timedOut: boolean): Error {
    if (timedOut) {
      const seconds = this.timing.timeoutMs / 1000;
      return this.unavailable(`did not answer within ${seconds} s; check its load, or use a smaller model`, error);
    }
    const code = errorCode(error);
    if (code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'EHOSTUNREACH') {
      return this.unavailable(`cannot be reached (${code}); start it with: ollama serve`, error);
    }
    return new TemporaryFailure(code ?? String(error), { cause: error });
  }

  private checked(answer: unknown, texts: number, dimensions: number | undefined): readonly (readonly number[])[] {
    const parsed = Answer.safeParse(answer);
    if (!parsed.success)
      throw this.unavailable('answered /api/embed without "embeddings"; update Ollama to 0.3 or newer');
    const { embeddings } = parsed.data;
    if (embeddings.length !== texts)
      throw this.unavailable(`answered ${texts} texts with ${embeddings.length} vectors`);
    const expected = dimensions ?? embeddings[0]?.length ?? 0;
    const other = embeddings.find((vector) => vector.length !== expected || vector.length === 0);
    if (other !== undefined) {
      throw this.unavailable(`gave a vector of ${other.length} dimensions, not ${expected}, for model "${this.model}"`);
    }
    return embeddings;
  }

  private unavailable(what: string, cause?: unknown): CodebaseError {
    return new CodebaseError('embedder_unavailable', `Ollama at ${this.baseUrl} ${what}.`, { cause });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function shown(body: string): string {
  return JSON.stringify(body.trim().slice(0, SHOWN_CHARACTERS));
}

/** The system's code behind `fetch failed`. */
function errorCode(error: unknown): string | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
}
