// Arithmetic on embeddings.

/** Keeps the zero vector at zero. */
const EPSILON = 1e-6;

/** A copy of length 1, or 0 where there is nothing to scale. */
export function normalise(vector: Float32Array): Float32Array {
  let square = 0;
  for (const value of vector) square += value * value;
  const factor = 1 / (Math.sqrt(square) + EPSILON);
  return vector.map((value) => value * factor);
}

/** Direction of the mean; the zero vector for no vectors at all. */
export function normalisedMean(vectors: readonly Float32Array[], dimensions: number): Float32Array {
  const sum = new Float32Array(dimensions);
  for (const vector of vectors) for (const [k, value] of vector.entries()) sum[k] = (sum[k] ?? 0) + value;
  return normalise(sum);
}
