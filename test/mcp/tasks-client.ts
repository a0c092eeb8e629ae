// A client of the Tasks extension: the extension's own requester on top of a connected client of the SDK, which does not
// know answers that are tasks by itself.
import type { Client } from '@modelcontextprotocol/client';
import {
  createTaskSessionFromClient,
  type JsonRpcResponse,
  type RawClientDispatch,
  type TaskEnabledSession,
} from '@modelcontextprotocol/ext-tasks/client';

const REVISION = '2026-07-28';

/** `client` is of the modern era; the session ends with it. */
export function taskSession(client: Client): TaskEnabledSession {
  const v2RequestFraming = {
    protocolVersion: REVISION,
    clientInfo: { name: 'test', version: '0' },
    clientCapabilities: {},
  };
  return createTaskSessionFromClient(client, { endpointId: 'test', rawDispatch: raw(client), v2RequestFraming });
}

/** Sends messages as they are beside those of the client, over its connection. */
export function raw(client: Client): RawClientDispatch {
  const { transport } = client;
  if (transport === undefined) throw new Error('the client is not connected');
  const waiting = new Map<unknown, (response: JsonRpcResponse) => void>();
  const others = transport.onmessage;
  transport.onmessage = (message, extra) => {
    const answered = 'id' in message ? waiting.get(message.id) : undefined;
    if (answered !== undefined && 'result' in message) answered({ kind: 'result', result: message.result as never });
    else if (answered !== undefined && 'error' in message) answered({ kind: 'error', error: message.error as never });
    else others?.(message, extra);
  };
  return async (request) => {
    const id = `raw-${next++}`;
    const answer = new Promise<JsonRpcResponse>((resolve) => waiting.set(id, resolve));
    const sent = transport.send({ jsonrpc: '2.0', id, ...(request as { method: string }) });
    return Promise.race([answer, sent.then(() => answer, refusal)]).finally(() => waiting.delete(id));
  };
}

/** HTTP has a status of its own for some errors; the message follows in what the transport throws. */
function refusal(thrown: Error): JsonRpcResponse {
  const { error } = JSON.parse(thrown.message.slice(thrown.message.indexOf('{')));
  return { kind: 'error', error };
}

let next = 0;
