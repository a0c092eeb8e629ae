// An embedder that holds an indexing job where a test wants it: it speaks Ollama's protocol, embeds questions at once, and
// documents when it is released.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface HeldEmbedder {
  readonly url: string;
  /** Documents are embedded from now on. */
  readonly release: () => void;
  readonly close: () => void;
}

export async function heldEmbedder(): Promise<HeldEmbedder> {
  let release: () => void = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const server = createServer(async (request, response) => {
    const { input } = JSON.parse(await text(request)) as { input: string[] };
    if (input.some((each) => each.startsWith('search_document'))) await released;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ embeddings: input.map((each) => [each.length, 1, 0, 0]) }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, release, close };
}
