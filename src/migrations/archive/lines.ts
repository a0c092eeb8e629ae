// Splits a byte stream into lines. `readline` is not used: it loses the stream's errors, and a truncated file is one.

/** The complete lines of each piece that arrives, newline included; what follows the last newline comes last, as it is. */
export async function* byteLines(source: AsyncIterable<Buffer>): AsyncGenerator<readonly Buffer[]> {
  let open: Buffer[] = [];
  for await (const piece of source) {
    const lines: Buffer[] = [];
    let start = 0;
    for (let end = piece.indexOf(10); end !== -1; end = piece.indexOf(10, start)) {
      const tail = piece.subarray(start, end + 1);
      lines.push(open.length === 0 ? tail : Buffer.concat([...open, tail]));
      open = [];
      start = end + 1;
    }
    if (start < piece.length) open.push(piece.subarray(start));
    if (lines.length > 0) yield lines;
  }
  if (open.length > 0) yield [Buffer.concat(open)];
}
