// The cutting of pg's byte stream: however it is split, the same messages come out whole.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { joined, wholeMessages } from '#src/database/frames.js';

/** The start-up message has no type byte, and its length begins with zero. */
const startup = Buffer.from([0, 0, 0, 8, 0, 3, 0, 0]);

const message = fc
  .tuple(fc.constantFrom('Q', 'P', 'B', 'E', 'S'), fc.uint8Array({ maxLength: 40 }))
  .map(([type, body]) => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(body.length + 4);
    return Buffer.concat([Buffer.from(type), length, body]);
  });

test('pieces of any size give whole messages, and all of them', () => {
  fc.assert(
    fc.property(
      fc.array(message, { maxLength: 8 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 30 })),
      (messages, sizes) => {
        const stream = Buffer.concat([startup, ...messages]);
        const ends = new Set([0]);
        for (const { length } of [startup, ...messages]) ends.add(Math.max(...ends) + length);
        const taken: Uint8Array[] = [];
        let left: Uint8Array = new Uint8Array(0);
        for (let at = 0; at < stream.length; ) {
          const piece = stream.subarray(at, at + sizes.next().value);
          at += piece.length;
          const { whole, rest } = wholeMessages(left, piece);
          taken.push(whole);
          left = rest;
          expect(ends).toContain(joined(taken).length);
        }
        expect(left).toHaveLength(0);
        expect(Buffer.from(joined(taken))).toEqual(stream);
      },
    ),
  );
});
