// Bytes out and in: little-endian words and variable-length integers (7 bits a byte, low bits first).

/** Grows as it is written to. */
export class ByteWriter {
  private buffer = Buffer.allocUnsafe(1024);
  length = 0;

  byte(value: number): void {
    if (this.length === this.buffer.length) this.grow();
    this.buffer[this.length++] = value;
  }

  /** `value`: 0 to 2^31 − 1. */
  varint(value: number): void {
    let rest = value;
    for (; rest > 127; rest >>>= 7) this.byte((rest & 127) | 128);
    this.byte(rest);
  }

  uint32(value: number): void {
    for (let shift = 0; shift < 32; shift += 8) this.byte((value >>> shift) & 255);
  }

  /** What was written; valid until the next write. */
  bytes(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  private grow(): void {
    const larger = Buffer.allocUnsafe(this.buffer.length * 2);
    this.buffer.copy(larger);
    this.buffer = larger;
  }
}

/** Reads one number and moves the cursor behind it; throws on a buffer that ends too early. */
export function readVarint(buffer: Buffer, cursor: { at: number }): number {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = buffer[cursor.at++];
    if (byte === undefined) throw new RangeError(`number cut off at byte ${cursor.at - 1}`);
    value |= (byte & 127) << shift;
    if (byte < 128) return value >>> 0;
  }
}
