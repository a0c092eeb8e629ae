// Matrix products on the kernel: the right side is packed into panels of sixteen columns first.
import { type Arena, type Kernels, PANEL } from './kernels.js';

export class Products {
  private readonly kernels: Kernels;
  private readonly packed: Float32Array;

  constructor(arena: Arena, kernels: Kernels, longest: number) {
    this.kernels = kernels;
    this.packed = arena.floats(longest * PANEL);
  }

  /** `c[m × n] = a[m × k] · b[k × n]`, all row by row. */
  times(a: Float32Array, b: Float32Array, c: Float32Array, m: number, n: number, k: number): void {
    for (let j = 0; j < n; j += PANEL) {
      for (let p = 0; p < k; p++)
        for (let q = 0; q < PANEL; q++) this.packed[p * PANEL + q] = b[p * n + j + q] as number;
      this.kernels.panel(a.byteOffset, this.packed.byteOffset, c.byteOffset + 4 * j, m, k, 4 * n);
    }
  }

  /** `c[m × n] = a[m × k] · bᵀ`, b having n rows of k. */
  timesTransposed(a: Float32Array, b: Float32Array, c: Float32Array, m: number, n: number, k: number): void {
    for (let j = 0; j < n; j += PANEL) {
      for (let q = 0; q < PANEL; q++)
        for (let p = 0; p < k; p++) this.packed[p * PANEL + q] = b[(j + q) * k + p] as number;
      this.kernels.panel(a.byteOffset, this.packed.byteOffset, c.byteOffset + 4 * j, m, k, 4 * n);
    }
  }
}
