// As little of an MCP client as can ask over HTTP: what a client costs is not what is measured. One connection each, kept open.
import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

export interface SearchClient {
  /** False when the answer is an error; rejects when there is none. */
  readonly search: (query: string, repository: string) => Promise<boolean>;
  readonly close: () => void;
}

const REVISION = '2026-07-28';
const CLIENT = { name: 'bench', version: '0' };
const META = {
  'io.modelcontextprotocol/protocolVersion': REVISION,
  'io.modelcontextprotocol/clientInfo': CLIENT,
  'io.modelcontextprotocol/clientCapabilities': {},
};
const STATELESS = { 'mcp-protocol-version': REVISION, 'mcp-method': 'tools/call', 'mcp-name': 'search_code' };

type Headers = Readonly<Record<string, string>>;

/** Of the revision without sessions, or of the one before it, with a session and a stream that listens. */
export async function connect(url: URL, stateless: boolean): Promise<SearchClient> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const send = (method: string, headers: Headers, message?: object, own: Agent = agent): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const accept = 'application/json, text/event-stream';
      const options = { method, agent: own, headers: { accept, 'content-type': 'application/json', ...headers } };
      request(url, options, resolve)
        .on('error', reject)
        .end(message && JSON.stringify({ jsonrpc: '2.0', ...message }));
    });
  const listening = new Agent();
  const headers = stateless ? STATELESS : await beginSession(send);
  if (!stateless) (await send('GET', headers, undefined, listening)).on('error', () => {}).resume();
  let id = 1;
  const search = async (query: string, repository: string): Promise<boolean> => {
    const params = { name: 'search_code', arguments: { query, repository }, ...(stateless && { _meta: META }) };
    const answer = await text(await send('POST', headers, { id: id++, method: 'tools/call', params }));
    return answer.includes('"result":') && !answer.includes('"isError":true');
  };
  const close = () => {
    agent.destroy();
    listening.destroy();
  };
  return { search, close };
}

async function beginSession(
  send: (method: string, headers: Headers, message: object) => Promise<IncomingMessage>,
): Promise<Headers> {
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: CLIENT };
  const opened = await send('POST', {}, { id: 0, method: 'initialize', params });
  await text(opened);
  const session = { 'mcp-session-id': String(opened.headers['mcp-session-id']), 'mcp-protocol-version': '2025-11-25' };
  await text(await send('POST', session, { method: 'notifications/initialized' }));
  return session;
}
