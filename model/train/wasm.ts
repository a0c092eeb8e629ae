// Assembles WebAssembly modules: just the instructions that the training kernels use. There is no compiler for it here, and
// plain typed-array loops took twelve times as long.

// Node has it, its type package does not declare it.
declare const WebAssembly: {
  readonly Memory: new (size: { readonly initial: number }) => Memory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
};

export interface Memory {
  readonly buffer: ArrayBuffer;
}

export type Code = readonly number[];

export interface WasmFunction {
  readonly name: string;
  /** Value types of the parameters. */
  readonly parameters: readonly number[];
  /** Value types of the further locals, numbered after the parameters. */
  readonly locals: readonly number[];
  readonly body: Code;
}

export const I32 = 0x7f;
export const F32 = 0x7d;
export const V128 = 0x7b;

export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number): Code => [0x21, ...unsigned(local)];
export const constant = (value: number): Code => [0x41, ...signed(value)];
export const ADD: Code = [0x6a];
export const SUBTRACT: Code = [0x6b];
export const MULTIPLY: Code = [0x6c];
export const load = (offset = 0): Code => [0x28, 2, ...unsigned(offset)];
export const storeFloat = (offset = 0): Code => [0x38, 2, ...unsigned(offset)];
export const FLOAT_ADD: Code = [0x92];

export const loadVector = (offset = 0): Code => [0xfd, 0x00, 2, ...unsigned(offset)];
export const storeVector = (offset = 0): Code => [0xfd, 0x0b, 2, ...unsigned(offset)];
/** Load one float into all four lanes. */
export const loadSplat = (offset = 0): Code => [0xfd, 0x09, 2, ...unsigned(offset)];
export const SPLAT: Code = [0xfd, 0x13];
export const lane = (index: number): Code => [0xfd, 0x1f, index];
export const V_ZERO: Code = [0xfd, 0x0c, ...new Array<number>(16).fill(0)];
export const V_SQRT: Code = [0xfd, 0xe3, 0x01];
export const V_ADD: Code = [0xfd, 0xe4, 0x01];
export const V_SUBTRACT: Code = [0xfd, 0xe5, 0x01];
export const V_MULTIPLY: Code = [0xfd, 0xe6, 0x01];
export const V_DIVIDE: Code = [0xfd, 0xe7, 0x01];

/** Run `body` as often as the local `counter` says, counting it down; at least once. */
export function repeat(counter: number, ...body: readonly Code[]): Code {
  return [
    0x03,
    0x40,
    ...body.flat(),
    ...get(counter),
    ...constant(1),
    ...SUBTRACT,
    0x22,
    ...unsigned(counter),
    0x0d,
    0,
    0x0b,
  ];
}

/** Add a number of bytes to a local pointer. */
export const advance = (local: number, bytes: number): Code => [
  ...get(local),
  ...constant(bytes),
  ...ADD,
  ...set(local),
];

/** A memory of so many pages of 64 KB. */
export const newMemory = (pages: number): Memory => new WebAssembly.Memory({ initial: pages });

/** Instances of the functions over `memory`, which they import. */
export function assemble(functions: readonly WasmFunction[], memory: Memory, pages: number): object {
  const types = functions.map(({ parameters }) => [0x60, ...list(parameters.map((type) => [type])), 0]);
  const exported = functions.map(({ name }, i) => [...text(name), 0, ...unsigned(i)]);
  const code = functions.map(({ locals, body }) => {
    const content = [...list(locals.map((type) => [1, type])), ...body, 0x0b];
    return [...unsigned(content.length), ...content];
  });
  const bytes = [
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list(types)),
    ...section(2, list([[...text('env'), ...text('memory'), 2, 0, ...unsigned(pages)]])),
    ...section(3, list(functions.map((_, i) => unsigned(i)))),
    ...section(7, list(exported)),
    ...section(10, list(code)),
  ];
  const module = new WebAssembly.Module(new Uint8Array(bytes));
  return new WebAssembly.Instance(module, { env: { memory } }).exports;
}

function section(id: number, content: Code): Code {
  return [id, ...unsigned(content.length), ...content];
}

function list(items: readonly Code[]): Code {
  return [...unsigned(items.length), ...items.flat()];
}

function text(value: string): Code {
  return [...unsigned(value.length), ...Buffer.from(value)];
}

function unsigned(value: number): Code {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

function signed(value: number): Code {
  const rest = value >> 7;
  const isLast = (rest === 0 && (value & 64) === 0) || (rest === -1 && (value & 64) !== 0);
  return isLast ? [value & 127] : [(value & 127) | 128, ...signed(rest)];
}
