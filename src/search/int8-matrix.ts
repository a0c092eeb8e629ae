// Vectors in memory, one byte per number: a quarter of their size in the database, and good to three digits of a cosine.

const ROW_MAX = 127;
/** As large as a sum over 2,000 dimensions allows in 32 bits: the query adds next to no error. */
const QUERY_MAX = 8191;

/** Rows of int8, each with what it is multiplied with. A row of zeros stands for a missing vector. */
export class Int8Matrix {
  readonly dimensions: number;
  private readonly rows: Int8Array;
  private readonly scales: Float32Array;

  constructor(rowCount: number, dimensions: number) {
    this.dimensions = dimensions;
    this.rows = new Int8Array(rowCount * dimensions);
    this.scales = new Float32Array(rowCount);
  }

  get bytes(): number {
    return this.rows.byteLength + this.scales.byteLength;
  }

  /** `vector`: `dimensions` floats. */
  set(row: number, vector: Float32Array): void {
    const { rounded, scale } = round(vector, ROW_MAX);
    this.rows.set(rounded, row * this.dimensions);
    this.scales[row] = scale;
  }

  copyRow(row: number, from: Int8Matrix, fromRow: number): void {
    const size = this.dimensions;
    this.rows.set(from.rows.subarray(fromRow * size, (fromRow + 1) * size), row * size);
    this.scales[row] = from.scales[fromRow] ?? 0;
  }

  /** Inner product of every row with the query. */
  products({ rounded, scale }: Rounded): Float32Array {
    const { rows, scales, dimensions } = this;
    const products = new Float32Array(scales.length);
    for (let row = 0; row < products.length; row++) {
      products[row] = (scales[row] as number) * scale * integerProduct(rows, row * dimensions, rounded);
    }
    return products;
  }
}

/** Four sums at a time: the processor adds to one while it multiplies for the others. */
function integerProduct(rows: Int8Array, start: number, query: Int16Array): number {
  const end = query.length & ~3;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let k = 0; k < end; k += 4) {
    const at = start + k;
    a = (a + (rows[at] as number) * (query[k] as number)) | 0;
    b = (b + (rows[at + 1] as number) * (query[k + 1] as number)) | 0;
    c = (c + (rows[at + 2] as number) * (query[k + 2] as number)) | 0;
    d = (d + (rows[at + 3] as number) * (query[k + 3] as number)) | 0;
  }
  for (let k = end; k < query.length; k++) a = (a + (rows[start + k] as number) * (query[k] as number)) | 0;
  return a + b + c + d;
}

interface Rounded {
  readonly rounded: Int16Array;
  readonly scale: number;
}

/** What the rows of any matrix are multiplied with. */
export function roundedQuery(vector: Float32Array): Rounded {
  return round(vector, QUERY_MAX);
}

function round(vector: Float32Array, max: number): Rounded {
  let largest = 0;
  for (const value of vector) largest = Math.max(largest, Math.abs(value));
  const rounded = new Int16Array(vector.length);
  if (largest === 0) return { rounded, scale: 0 };
  for (let k = 0; k < vector.length; k++) rounded[k] = Math.round(((vector[k] as number) / largest) * max);
  return { rounded, scale: largest / max };
}
