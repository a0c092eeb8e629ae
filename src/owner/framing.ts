// Messages on a stream: four bytes of length (big-endian), then JSON in UTF-8.
import { CodebaseError } from '../errors.js';

const HEADER_BYTES = 4;
/** Far above any request or answer; a length above it is not one of ours. */
export const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

export function encode(message: object): Buffer {
  const body = Buffer.from(JSON.stringify(message));
  if (body.length > MAX_MESSAGE_BYTES) throw tooLong(body.length);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(body.length);
  return Buffer.concat([header, body]);
}

/** The messages of a stream of chunks, however they are cut; throws what is no message. */
export async function* decode(chunks: AsyncIterable<Buffer>): AsyncGenerator<unknown> {
  let waiting: Buffer[] = [];
  let size = 0;
  let wanted = HEADER_BYTES;
  for await (const chunk of chunks) {
    waiting.push(chunk);
    size += chunk.length;
    if (size < wanted) continue; // a large message is put together once
    let bytes = Buffer.concat(waiting);
    for (wanted = lengthOf(bytes); bytes.length >= wanted; wanted = lengthOf(bytes)) {
      const body = bytes.toString('utf8', HEADER_BYTES, wanted);
      bytes = bytes.subarray(wanted);
      yield JSON.parse(body);
    }
    waiting = [bytes];
    size = bytes.length;
  }
}

/** Bytes of the first message with its header, as far as is known. */
function lengthOf(bytes: Buffer): number {
  if (bytes.length < HEADER_BYTES) return HEADER_BYTES;
  const length = bytes.readUInt32BE();
  if (length > MAX_MESSAGE_BYTES) throw tooLong(length);
  return HEADER_BYTES + length;
}

function tooLong(length: number): CodebaseError {
  return new CodebaseError(
    'invalid_input',
    `A message of ${length} bytes is longer than the ${MAX_MESSAGE_BYTES} bytes that fit; ask for less at once.`,
  );
}
