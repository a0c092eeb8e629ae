import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { OllamaEmbedder } from '#src/embedding/ollama.js';
import { OllamaClient } from '#src/embedding/ollama-client.js';
import { openEmbedder } from '#src/embedding/open.js';

interface EmbedRequest {
  readonly model: string;
  readonly input: readonly string[];
}

type Answer = (request: EmbedRequest, response: ServerResponse) => void;

const FAST = { timeoutMs: 2000, backOffMs: [1, 1, 1] };
let stop: (() => Promise<void>) | undefined;
afterEach(async () => {
  await stop?.();
  stop = undefined;
});

/** A server that speaks Ollama's protocol; gives its URL and what it was asked. */
async function ollama(answer: Answer): Promise<{ url: string; requests: EmbedRequest[] }> {
  const requests: EmbedRequest[] = [];
  const server = createServer(async (incoming, response) => {
    const request = JSON.parse(await body(incoming)) as EmbedRequest;
    expect(`${incoming.method} ${incoming.url}`).toBe('POST /api/embed');
    requests.push(request);
    answer(request, response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  stop = () =>
    new Promise((done) => {
      server.close(() => done());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

async function body(incoming: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of incoming) text += part;
  return text;
}

function send(response: ServerResponse, status: number, content: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(content));
}

/** Four dimensions: length of the text, its number of lines, and two zeros. */
const measuring: Answer = ({ model, input }, response) =>
  send(response, 200, {
    model,
    embeddings: input.map((text) => [text.length, text.split('\n').length, 0, 0]),
    total_duration: 1,
  });

const config = (baseUrl: string, model = 'nomic-embed-text') => ({ provider: 'ollama', baseUrl, model }) as const;

describe('Ollama', () => {
  test('embeds paths and chunks as documents and questions as queries, in the model’s own words', async () => {
    const { url, requests } = await ollama(measuring);
    const embedder = await openEmbedder(config(url));
    expect([embedder.provider, embedder.model, embedder.dimensions]).toEqual(['ollama', 'nomic-embed-text', 4]);

    const [first, second] = await embedder.embedFiles([
      { path: 'src/a.ts', chunks: ['one', 'two\nlines'] },
      { path: 'b.ts', chunks: ['x'] },
    ]);
    await embedder.embedQuery('where is a');

    expect(requests.slice(1)).toEqual([
      {
        model: 'nomic-embed-text',
        input: [
          'search_document: src/a.ts',
          'search_document: src/a.ts\none',
          'search_document: src/a.ts\ntwo\nlines',
          'search_document: b.ts',
          'search_document: b.ts\nx',
        ],
      },
      { model: 'nomic-embed-text', input: ['search_query: where is a'] },
    ]);
    expect([first?.chunks.length, second?.chunks.length]).toEqual([2, 1]);
    for (const vector of [...(first?.chunks ?? []), first?.file, first?.path, second?.file]) {
      expect(Math.hypot(...(vector ?? []))).toBeCloseTo(1, 5);
    }
    expect(second?.file[0]).toBeCloseTo(second?.chunks[0]?.[0] ?? 0, 5);
  });

  test('sends no prefix to a model that knows none', async () => {
    const { url, requests } = await ollama(measuring);
    const embedder = await OllamaEmbedder.open(config(url, 'all-minilm'));
    await embedder.embedQuery('where is a');
    expect(requests[1]?.input).toEqual(['where is a']);
  });

  test('asks for 32 texts at a time and keeps their order', async () => {
    const { url, requests } = await ollama(measuring);
    const vectors = await new OllamaClient(config(url)).embed(Array.from({ length: 70 }, (_, i) => 'x'.repeat(i + 1)));
    expect(requests.map(({ input }) => input.length)).toEqual([32, 32, 6]);
    expect(vectors.map(([length]) => length)).toEqual(Array.from({ length: 70 }, (_, i) => i + 1));
  });

  test('tries again when the server is busy or drops the connection', async () => {
    let attempt = 0;
    const { url } = await ollama((request, response) => {
      attempt++;
      if (attempt === 1) send(response, 503, { error: 'server busy' });
      else if (attempt === 2) response.destroy();
      else measuring(request, response);
    });
    const vectors = await new OllamaClient(config(url), FAST).embed(['abc']);
    expect(vectors).toEqual([[3, 1, 0, 0]]);
    expect(attempt).toBe(3);
  });

  test('gives up on a server that keeps failing, and says how it failed', async () => {
    const { url, requests } = await ollama((_, response) =>
      send(response, 500, { error: 'llama runner has terminated' }),
    );
    await expect(new OllamaClient(config(url), FAST).embed(['abc'])).rejects.toMatchObject({
      code: 'embedder_unavailable',
      message: expect.stringMatching(
        /keeps failing \(status 500: .*llama runner has terminated.*; look at its log and try again\.$/,
      ),
    });
    expect(requests).toHaveLength(4);
  });

  test('a server that is not there: says how to start it', async () => {
    const { url } = await ollama(measuring);
    await stop?.();
    await expect(openEmbedder(config(url))).rejects.toThrow(
      `Ollama at ${url} cannot be reached (ECONNREFUSED); start it with: ollama serve.`,
    );
  });

  test('a model that is not there: says how to get it', async () => {
    const { url } = await ollama(({ model }, response) =>
      send(response, 404, { error: `model "${model}" not found, try pulling it first` }),
    );
    await expect(openEmbedder(config(url))).rejects.toThrow(
      `Ollama at ${url} has no model "nomic-embed-text"; get it with: ollama pull nomic-embed-text.`,
    );
  });

  test('a server that never answers: gives up after the time limit', async () => {
    const { url } = await ollama(() => {});
    await expect(new OllamaClient(config(url), { timeoutMs: 50, backOffMs: [] }).embed(['abc'])).rejects.toThrow(
      'did not answer within 0.05 s',
    );
  });

  test('another server than Ollama, too few vectors, vectors of another length: refused', async () => {
    const answers: Record<string, Answer> = {
      'without "embeddings"': (_, response) => send(response, 200, { data: [] }),
      'with status 200: "<html>': (_, response) => void response.end('<html></html>'),
      'with status 400: ': (_, response) => send(response, 400, { error: 'this model does not support embeddings' }),
      '2 texts with 1 vectors': (_, response) => send(response, 200, { embeddings: [[1, 2]] }),
      'vector of 1 dimensions, not 2': (_, response) => send(response, 200, { embeddings: [[1, 2], [3]] }),
    };
    for (const [message, answer] of Object.entries(answers)) {
      const { url } = await ollama(answer);
      await expect(new OllamaClient(config(url), FAST).embed(['a', 'b']), message).rejects.toThrow(message);
      await stop?.();
    }
  });

  test('a cancelled request ends at once, without another attempt', async () => {
    const { url, requests } = await ollama(() => {});
    const cancel = new AbortController();
    const embedding = new OllamaClient(config(url)).embed(['abc'], { signal: cancel.signal });
    setTimeout(() => cancel.abort(), 20);
    await expect(embedding).rejects.toThrow('aborted');
    expect(requests.length).toBeLessThanOrEqual(1);
  });
});
