// The inner loops of training, over one WebAssembly memory: matrix product, sums of table rows and their gradients, Adam.
import {
  ADD,
  advance,
  assemble,
  type Code,
  constant,
  F32,
  FLOAT_ADD,
  get,
  I32,
  lane,
  load,
  loadSplat,
  loadVector,
  type Memory,
  MULTIPLY,
  newMemory,
  repeat,
  SPLAT,
  set,
  storeFloat,
  storeVector,
  V_ADD,
  V_DIVIDE,
  V_MULTIPLY,
  V_SQRT,
  V_SUBTRACT,
  V_ZERO,
  V128,
  type WasmFunction,
} from './wasm.js';

/** Numbers per embedding: the kernels are unrolled for it. */
export const DIMENSIONS = 256;
/** Columns of one packed panel of a matrix product. */
export const PANEL = 16;
const ROW_BYTES = DIMENSIONS * 4;
const PAGE = 65_536;

/** All pointers are byte offsets into the memory. */
export interface Kernels {
  /** `c[m × 16] = a[m × k] · packed[k × 16]`, rows of `c` being `stride` bytes apart; m a multiple of 4. */
  panel(a: number, packed: number, c: number, m: number, k: number, stride: number): void;
  /** `out = Σ weights[i] · table[ids[i]]`; n at least 1. */
  gather(out: number, table: number, ids: number, weights: number, n: number): void;
  /** `gradient[slots[i]] += weights[i] · vector` and `dots[i] = table[ids[i]] · vector`; n at least 1. */
  scatter(
    gradient: number,
    slots: number,
    weights: number,
    table: number,
    ids: number,
    dots: number,
    vector: number,
    n: number,
  ): void;
  /** One Adam step of one row: parameters, both moments, gradient; `rate` and `epsilon` hold the corrections of bias. */
  adam(
    row: number,
    mean: number,
    square: number,
    gradient: number,
    rate: number,
    epsilon: number,
    beta1: number,
    beta2: number,
  ): void;
}

/** A memory from which typed arrays are taken one after another. */
export class Arena {
  readonly memory: Memory;
  readonly pages: number;
  private next = 1024;

  constructor(bytes: number) {
    this.pages = Math.ceil(bytes / PAGE);
    this.memory = newMemory(this.pages);
  }

  floats(length: number): Float32Array {
    return new Float32Array(this.memory.buffer, this.take(length), length);
  }

  integers(length: number): Int32Array {
    return new Int32Array(this.memory.buffer, this.take(length), length);
  }

  private take(length: number): number {
    const at = this.next;
    this.next = (at + length * 4 + 63) & ~63;
    return at;
  }
}

export function compileKernels(arena: Arena): Kernels {
  return assemble([panelKernel(), gatherKernel(), scatterKernel(), adamKernel()], arena.memory, arena.pages) as Kernels;
}

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const flat = (codes: readonly Code[]): Code => codes.flat();

/** Four rows by sixteen columns at a time, in sixteen registers. */
function panelKernel(): WasmFunction {
  const [a, packed, c, m, k, stride] = [0, 1, 2, 3, 4, 5] as const;
  const [rows, steps, from] = [6, 7, 8] as const;
  const row = (r: number) => 9 + r;
  const column = (q: number) => 13 + q;
  const sum = (r: number, q: number) => 17 + r * 4 + q;
  const step = flat([
    ...range(4).map((q) => [...get(from), ...loadVector(16 * q), ...set(column(q))]),
    ...range(4).flatMap((r) => [
      [...get(row(r)), ...loadSplat(), ...set(33)],
      ...range(4).map((q) => [
        ...get(33),
        ...get(column(q)),
        ...V_MULTIPLY,
        ...get(sum(r, q)),
        ...V_ADD,
        ...set(sum(r, q)),
      ]),
      advance(row(r), 4),
    ]),
    advance(from, 4 * PANEL),
  ]);
  const storeRow = (r: number) => [
    ...range(4).flatMap((q) => [...get(c), ...get(sum(r, q)), ...storeVector(16 * q)]),
    ...[...get(c), ...get(stride), ...ADD, ...set(c)],
  ];
  const rowBytes = [...get(k), ...constant(4), ...MULTIPLY];
  const body = [
    ...[...get(m), ...constant(4), 0x6d, ...set(rows)],
    ...repeat(
      rows,
      flat(range(4).map((r) => [...get(a), ...rowBytes, ...constant(r), ...MULTIPLY, ...ADD, ...set(row(r))])),
      flat(range(16).map((i) => [...V_ZERO, ...set(17 + i)])),
      [...get(packed), ...set(from), ...get(k), ...set(steps)],
      repeat(steps, step),
      flat(range(4).map(storeRow)),
      [...get(row(3)), ...set(a)],
    ),
  ];
  const locals = [
    I32,
    I32,
    I32,
    ...range(4).map(() => I32),
    ...range(4).map(() => V128),
    ...range(16).map(() => V128),
    V128,
  ];
  return { name: 'panel', parameters: range(6).map(() => I32), locals, body };
}

/** A quarter of the row at a time, in sixteen registers. */
function gatherKernel(): WasmFunction {
  const [out, table, ids, weights, n] = [0, 1, 2, 3, 4] as const;
  const [quarters, count, id, weight, row, factor] = [5, 6, 7, 8, 9, 10] as const;
  const sum = (i: number) => 11 + i;
  const token = flat([
    [...get(table), ...get(id), ...load(), ...constant(ROW_BYTES), ...MULTIPLY, ...ADD, ...set(row)],
    [...get(weight), ...loadSplat(), ...set(factor)],
    ...range(16).map((i) => [
      ...get(row),
      ...loadVector(16 * i),
      ...get(factor),
      ...V_MULTIPLY,
      ...get(sum(i)),
      ...V_ADD,
      ...set(sum(i)),
    ]),
    advance(id, 4),
    advance(weight, 4),
  ]);
  const body = [
    ...[...constant(4), ...set(quarters)],
    ...repeat(
      quarters,
      flat(range(16).map((i) => [...V_ZERO, ...set(sum(i))])),
      [...get(ids), ...set(id), ...get(weights), ...set(weight), ...get(n), ...set(count)],
      repeat(count, token),
      flat(range(16).map((i) => [...get(out), ...get(sum(i)), ...storeVector(16 * i)])),
      advance(out, ROW_BYTES / 4),
      advance(table, ROW_BYTES / 4),
    ),
  ];
  const locals = [I32, I32, I32, I32, I32, V128, ...range(16).map(() => V128)];
  return { name: 'gather', parameters: range(5).map(() => I32), locals, body };
}

function scatterKernel(): WasmFunction {
  const [gradient, slots, weights, table, ids, dots, vector, n] = [0, 1, 2, 3, 4, 5, 6, 7] as const;
  const [blocks, to, row, from, factor, value, sum] = [8, 9, 10, 11, 12, 13, 14] as const;
  const pointer = (base: number, index: number) => [
    ...get(base),
    ...get(index),
    ...load(),
    ...constant(ROW_BYTES),
    ...MULTIPLY,
    ...ADD,
  ];
  const block = flat(
    range(4).map((i) => [
      ...[...get(from), ...loadVector(16 * i), ...set(value)],
      ...[
        ...get(to),
        ...get(to),
        ...loadVector(16 * i),
        ...get(value),
        ...get(factor),
        ...V_MULTIPLY,
        ...V_ADD,
        ...storeVector(16 * i),
      ],
      ...[...get(row), ...loadVector(16 * i), ...get(value), ...V_MULTIPLY, ...get(sum), ...V_ADD, ...set(sum)],
    ]),
  );
  const total = [...range(4).flatMap((i) => [...get(sum), ...lane(i)]), ...FLOAT_ADD, ...FLOAT_ADD, ...FLOAT_ADD];
  const body = repeat(
    n,
    [...pointer(gradient, slots), ...set(to), ...pointer(table, ids), ...set(row), ...get(vector), ...set(from)],
    [
      ...get(weights),
      ...loadSplat(),
      ...set(factor),
      ...V_ZERO,
      ...set(sum),
      ...constant(DIMENSIONS / 16),
      ...set(blocks),
    ],
    repeat(blocks, block, advance(to, 64), advance(row, 64), advance(from, 64)),
    [...get(dots), ...total, ...storeFloat()],
    ...[slots, weights, ids, dots].map((local) => advance(local, 4)),
  );
  return { name: 'scatter', parameters: range(8).map(() => I32), locals: [I32, I32, I32, I32, V128, V128, V128], body };
}

function adamKernel(): WasmFunction {
  const [row, mean, square, gradient, rate, epsilon, beta1, beta2] = [0, 1, 2, 3, 4, 5, 6, 7] as const;
  const [count, g, m, v] = [8, 9, 10, 11] as const;
  const splat = (local: number) => [...get(local), ...SPLAT];
  /** `old + (1 − beta) · (value − old)`, the parameters holding 1 − beta. */
  const blend = (pointer: number, value: Code, beta: number, to: number) => [
    ...[...get(pointer), ...loadVector(), ...set(to)],
    ...[...get(to), ...value, ...get(to), ...V_SUBTRACT, ...splat(beta), ...V_MULTIPLY, ...V_ADD, ...set(to)],
    ...[...get(pointer), ...get(to), ...storeVector()],
  ];
  const step = [
    ...[...get(gradient), ...loadVector(), ...set(g)],
    ...blend(mean, get(g), beta1, m),
    ...blend(square, [...get(g), ...get(g), ...V_MULTIPLY], beta2, v),
    ...[...get(row), ...get(row), ...loadVector(), ...splat(rate), ...get(m), ...V_MULTIPLY],
    ...[...get(v), ...V_SQRT, ...splat(epsilon), ...V_ADD, ...V_DIVIDE, ...V_SUBTRACT, ...storeVector()],
    ...[...get(gradient), ...V_ZERO, ...storeVector()],
    ...[row, mean, square, gradient].flatMap((pointer) => advance(pointer, 16)),
  ];
  const body = [...constant(DIMENSIONS / 4), ...set(count), ...repeat(count, step)];
  return { name: 'adam', parameters: [I32, I32, I32, I32, F32, F32, F32, F32], locals: [I32, V128, V128, V128], body };
}
