// The loss: each query must find its own code among all code of the batch, and each code its query (InfoNCE both ways).

const TEMPERATURE = 0.07;

/**
 * Turn the similarities `s` of `n` queries with `n` codes into the gradient of the mean loss by them, in place; its transpose
 * goes to `transposed`. Pairs for which `masked` holds are no negatives of each other. Returns the loss.
 */
export function contrast(
  s: Float32Array,
  transposed: Float32Array,
  n: number,
  masked: (row: number, column: number) => boolean,
): number {
  const rows = new Float64Array(n);
  const columns = new Float64Array(n);
  const own = new Float64Array(n);
  // Similarities are at most 1: the exponentials cannot overflow.
  for (let i = 0; i < n; i++) {
    const from = i * n;
    own[i] = (s[from + i] as number) / TEMPERATURE;
    let sum = 0;
    for (let j = 0; j < n; j++) {
      const value = i !== j && masked(i, j) ? 0 : Math.exp((s[from + j] as number) / TEMPERATURE);
      s[from + j] = value;
      sum += value;
      columns[j] = (columns[j] as number) + value;
    }
    rows[i] = sum;
  }
  let loss = 0;
  for (let i = 0; i < n; i++)
    loss += (Math.log(rows[i] as number) + Math.log(columns[i] as number)) / 2 - (own[i] as number);
  gradient(s, transposed, n, rows, columns);
  return loss / n;
}

function gradient(
  s: Float32Array,
  transposed: Float32Array,
  n: number,
  rows: Float64Array,
  columns: Float64Array,
): void {
  const scale = 1 / (TEMPERATURE * n);
  const byColumn = columns.map((sum) => (0.5 * scale) / sum);
  for (let i = 0; i < n; i++) {
    const from = i * n;
    const byRow = (0.5 * scale) / (rows[i] as number);
    for (let j = 0; j < n; j++) s[from + j] = (s[from + j] as number) * (byRow + (byColumn[j] as number));
    s[from + i] = (s[from + i] as number) - scale;
  }
  transpose(s, transposed, n);
}

/** In tiles, which stay in the cache. */
function transpose(from: Float32Array, to: Float32Array, n: number): void {
  const tile = 32;
  for (let i = 0; i < n; i += tile) {
    for (let j = 0; j < n; j += tile) {
      for (let r = i; r < i + tile; r++) for (let c = j; c < j + tile; c++) to[c * n + r] = from[r * n + c] as number;
    }
  }
}
