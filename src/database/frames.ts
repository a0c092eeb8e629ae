// Bytes between pg and PGlite: joined for the way between the threads, and cut at message boundaries, because PGlite takes
// only whole messages.

const EMPTY = new Uint8Array(0);

/**
 * Appends `bytes` to what was left over last time and returns all whole messages as one block, and the rest.
 * A message is a type byte and a length that counts itself; the start-up message has no type byte and begins with zero.
 */
export function wholeMessages(left: Uint8Array, bytes: Uint8Array): { whole: Uint8Array; rest: Uint8Array } {
  const all = left.length === 0 ? bytes : Buffer.concat([left, bytes]);
  const view = new DataView(all.buffer, all.byteOffset, all.byteLength);
  let end = 0;
  while (end < all.length) {
    const header = all[end] === 0 ? 0 : 1;
    if (end + header + 4 > all.length) break;
    const next = end + header + view.getUint32(end + header);
    if (next > all.length) break;
    end = next;
  }
  if (end === all.length) return { whole: all, rest: EMPTY };
  return { whole: all.subarray(0, end), rest: all.slice(end) };
}

/** One block in memory of its own, so that it can be handed to another thread. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    bytes.set(piece, offset);
    offset += piece.length;
  }
  return bytes;
}
