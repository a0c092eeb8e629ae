// The safetensors format: a length of 8 bytes, a JSON header, then the numbers of all tensors, little endian.
import { z } from 'zod';

const Header = z.record(
  z.string(),
  z.object({
    dtype: z.string(),
    shape: z.array(z.int().min(0)),
    data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
  }),
);

export interface Tensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

interface NumberType {
  readonly bytes: number;
  readonly read: (data: DataView, at: number) => number;
}

const TYPES: Readonly<Record<string, NumberType>> = {
  F64: { bytes: 8, read: (data, at) => data.getFloat64(at, true) },
  F32: { bytes: 4, read: (data, at) => data.getFloat32(at, true) },
  F16: { bytes: 2, read: (data, at) => fromHalf(data.getUint16(at, true)) },
  I8: { bytes: 1, read: (data, at) => data.getInt8(at) },
  I32: { bytes: 4, read: (data, at) => data.getInt32(at, true) },
  I64: { bytes: 8, read: (data, at) => Number(data.getBigInt64(at, true)) },
};

/** Tensors by name, as 32-bit floats. Throws an Error that says what does not fit. */
export function readSafetensors(file: Buffer): ReadonlyMap<string, Tensor> {
  const headerBytes = file.length < 8 ? Infinity : Number(file.readBigUInt64LE(0));
  if (8 + headerBytes > file.length) throw new Error('its header is cut off');
  const { __metadata__: _, ...entries } = JSON.parse(file.toString('utf8', 8, 8 + headerBytes)) as Record<
    string,
    unknown
  >;
  const tensors = Object.entries(Header.parse(entries)).map(
    ([
      name,
      {
        dtype,
        shape,
        data_offsets: [from, to],
      },
    ]) => {
      const type = TYPES[dtype];
      if (type === undefined)
        throw new Error(`tensor ${name} is of type ${dtype}; ${Object.keys(TYPES).join(', ')} can be read`);
      const length = shape.reduce((product, size) => product * size, 1);
      const start = 8 + headerBytes + from;
      if (to - from !== length * type.bytes || start + length * type.bytes > file.length)
        throw new Error(`tensor ${name} has ${to - from} bytes, not ${length * type.bytes}`);
      const data = new DataView(file.buffer, file.byteOffset + start, to - from);
      const values = new Float32Array(length);
      for (let i = 0; i < length; i++) values[i] = type.read(data, i * type.bytes);
      return [name, { shape, values }] as const;
    },
  );
  return new Map(tensors);
}

/** IEEE 754 binary16. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
