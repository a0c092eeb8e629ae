// Vectors with the shape that embeddings have: near one of some topics, unit length. Uniform noise would be the worst case
// of an approximate index and of no use for measuring one.
import { Random } from './random.js';

export const TOPICS = 64;
/** Length of the table that noise is read from at random offsets: drawing every number anew takes ten times as long. */
const NOISE = 1 << 18;
const NOISE_SHARE = 0.8;

export interface VectorSource {
  /** A vector near `topic`, in pgvector's binary form, as base64. */
  near(topic: number): string;
}

export function vectorSource(seed: number, dimensions: number): VectorSource {
  const random = new Random(seed, 'vectors');
  const noise = Float32Array.from({ length: NOISE + dimensions }, () => gaussian(random));
  const centres = Float32Array.from({ length: TOPICS * dimensions }, () => gaussian(random));
  const vector = new Float32Array(dimensions);
  return {
    near(topic) {
      const centre = (topic % TOPICS) * dimensions;
      const offset = random.below(NOISE);
      let squares = 0;
      for (let i = 0; i < dimensions; i++) {
        const value = (centres[centre + i] ?? 0) + NOISE_SHARE * (noise[offset + i] ?? 0);
        vector[i] = value;
        squares += value * value;
      }
      return binary(vector, 1 / Math.sqrt(squares));
    },
  };
}

/** The sum of four uniform numbers, which is near enough. */
function gaussian(random: Random): number {
  let sum = 0;
  for (let i = 0; i < 4; i++) sum += random.next() / 2 ** 32 - 0.5;
  return sum * Math.sqrt(3);
}

/** Dimensions (16 bits), a reserved zero, then the elements, all big-endian. */
function binary(vector: Float32Array, scale: number): string {
  const bytes = Buffer.allocUnsafe(4 + 4 * vector.length);
  bytes.writeUInt32BE(vector.length * 2 ** 16);
  for (let i = 0; i < vector.length; i++) bytes.writeFloatBE((vector[i] ?? 0) * scale, 4 + 4 * i);
  return bytes.toString('base64');
}
