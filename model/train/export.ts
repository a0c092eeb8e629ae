// The trained parameters as the files that ship: rows in 8 bits, the size of each row moved into its two weights.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DIMENSIONS } from './kernels.js';
import type { Model } from './model.js';

/** Writes `table.int8` and `vocab.json`; src/embedding/model-files.ts states their layout. */
export async function exportModel(
  { size, rows, query, code }: Model,
  vocabulary: readonly string[],
  folder: string,
): Promise<void> {
  const file = Buffer.alloc(8 + size * (8 + DIMENSIONS));
  file.writeInt32LE(size, 0);
  file.writeInt32LE(DIMENSIONS, 4);
  for (let token = 0; token < size; token++) {
    const row = rows.subarray(token * DIMENSIONS, (token + 1) * DIMENSIONS);
    const unit = row.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9) / 127;
    file.writeFloatLE(Math.exp(query.logScale[token] as number) * unit, 8 + 4 * token);
    file.writeFloatLE(Math.exp(code.logScale[token] as number) * unit, 8 + 4 * (size + token));
    const at = 8 + 8 * size + token * DIMENSIONS;
    for (let k = 0; k < DIMENSIONS; k++) file.writeInt8(Math.round((row[k] as number) / unit), at + k);
  }
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'table.int8'), file);
  await writeFile(join(folder, 'vocab.json'), JSON.stringify(vocabulary));
}
