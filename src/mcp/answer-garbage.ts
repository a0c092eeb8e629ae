// Lines on stdin that are no message of the protocol get the error that JSON-RPC has for them; the SDK would drop them, and
// who sent a request would wait for ever.
import { Transform, type Writable } from 'node:stream';
import { ProtocolErrorCode, parseJSONRPCMessage, STDIO_DEFAULT_MAX_BUFFER_SIZE } from '@modelcontextprotocol/server';

const LINE_FEED = 10;

/** Passes on the lines that are messages; answers the others on `output`. */
export function answerGarbage(output: Writable): Transform {
  let rest: Buffer = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      for (let end = rest.indexOf(LINE_FEED); end >= 0; end = rest.indexOf(LINE_FEED)) {
        const line = rest.subarray(0, end + 1);
        rest = rest.subarray(end + 1);
        const error = errorOf(line.toString('utf8').trim());
        if (error === null) this.push(line);
        else output.write(`${JSON.stringify({ jsonrpc: '2.0', ...error })}\n`);
      }
      // A line without end is the SDK's to refuse.
      if (rest.length > STDIO_DEFAULT_MAX_BUFFER_SIZE) {
        this.push(rest);
        rest = Buffer.alloc(0);
      }
      done();
    },
    flush(done) {
      done(null, rest);
    },
  });
}

/** null when the line is a message, or an answer, which nobody answers. */
function errorOf(line: string): object | null {
  if (line === '') return null;
  let message: unknown;
  try {
    message = JSON.parse(line);
  } catch {
    return { id: null, error: { code: ProtocolErrorCode.ParseError, message: 'Parse error: the line is no JSON' } };
  }
  try {
    parseJSONRPCMessage(message);
    return null;
  } catch {
    const fields: object = typeof message === 'object' && message !== null ? message : {};
    if ('result' in fields || 'error' in fields) return null;
    const id = 'id' in fields && (typeof fields.id === 'string' || typeof fields.id === 'number') ? fields.id : null;
    const sentence = 'Invalid request: a message has jsonrpc "2.0", a method, and params that are an object, if any';
    return { id, error: { code: ProtocolErrorCode.InvalidRequest, message: sentence } };
  }
}
