// The bundled model's files: where they are, and their layout. model/README.md describes the model itself.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { CodebaseError } from '../errors.js';

const MODEL_DIRECTORY = fileURLToPath(new URL('../../model/', import.meta.url));

export interface StaticModel {
  readonly dimensions: number;
  /** Pieces in the order of their rows. */
  readonly vocabulary: readonly string[];
  /** Weight of each token in a query and in a document. */
  readonly queryScale: Float32Array;
  readonly documentScale: Float32Array;
  /** One row of `dimensions` numbers per token, one after another. */
  readonly rows: Int8Array;
}

/**
 * `vocab.json` is an array of strings. `table.int8` is, little endian: int32 tokens, int32 dimensions, float32 query scale
 * per token, float32 document scale per token, int8 rows. Throws `embedder_unavailable` where they are missing or do not fit.
 */
export async function loadStaticModel(directory: string = MODEL_DIRECTORY): Promise<StaticModel> {
  try {
    const [table, vocabulary] = await Promise.all([
      readFile(`${directory}/table.int8`),
      readFile(`${directory}/vocab.json`, 'utf8'),
    ]);
    return parseModel(table, JSON.parse(vocabulary) as readonly string[]);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CodebaseError(
      'embedder_unavailable',
      `The bundled model in ${directory} cannot be loaded (${reason}); reinstall codebase-mcp.`,
      { cause },
    );
  }
}

function parseModel(file: Buffer, vocabulary: readonly string[]): StaticModel {
  const tokens = file.readInt32LE(0);
  const dimensions = file.readInt32LE(4);
  const size = 8 + tokens * (8 + dimensions);
  if (file.length !== size) throw new Error(`table.int8 has ${file.length} bytes, not ${size}`);
  if (vocabulary.length !== tokens) throw new Error(`vocab.json has ${vocabulary.length} pieces, not ${tokens}`);
  const floats = (offset: number) => Float32Array.from({ length: tokens }, (_, i) => file.readFloatLE(offset + 4 * i));
  return {
    dimensions,
    vocabulary,
    queryScale: floats(8),
    documentScale: floats(8 + 4 * tokens),
    rows: new Int8Array(file.buffer, file.byteOffset + 8 + 8 * tokens, tokens * dimensions),
  };
}
