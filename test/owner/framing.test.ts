// Messages come out of a stream as they went in, however the stream is cut.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decode, encode, MAX_MESSAGE_BYTES } from '#src/owner/framing.js';

async function* cut(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0;
  for (const size of sizes) {
    yield bytes.subarray(at, at + size);
    at += size;
  }
  yield bytes.subarray(at);
}

async function read(chunks: AsyncIterable<Buffer>): Promise<unknown[]> {
  const messages: unknown[] = [];
  for await (const message of decode(chunks)) messages.push(message);
  return messages;
}

test('any messages, cut anywhere', async () => {
  const message = fc.record({ text: fc.string({ unit: 'grapheme', maxLength: 50 }), list: fc.array(fc.integer()) });
  await fc.assert(
    fc.asyncProperty(fc.array(message), fc.array(fc.nat(40)), async (messages, sizes) => {
      expect(await read(cut(Buffer.concat(messages.map(encode)), sizes))).toEqual(messages);
    }),
  );
});

test('a large message in small pieces', async () => {
  const message = { text: 'ä€😀'.repeat(100_000) };
  expect(await read(cut(encode(message), Array(20).fill(65_536)))).toEqual([message]);
});

test('a stream that breaks off in a message ends without it', async () => {
  const bytes = Buffer.concat([encode({ n: 1 }), encode({ n: 2 }).subarray(0, 7)]);
  expect(await read(cut(bytes, []))).toEqual([{ n: 1 }]);
});

test('what is no message is refused, before its length is waited for', async () => {
  await expect(read(cut(Buffer.from('GET / HTTP/1.1\r\n'), []))).rejects.toThrow(`${MAX_MESSAGE_BYTES} bytes that fit`);
  await expect(read(cut(Buffer.from([0, 0, 0, 0]), []))).rejects.toThrow();
});
