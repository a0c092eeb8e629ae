// The symbols of a source as text: one line per chunk boundary would show the packing, this shows what was found.
import type { Chunker } from '#src/languages/chunker.js';

/** `kind parents.name` of the chunks, and all definitions. */
export function outlineText(chunker: Chunker, path: string, source: string): string {
  const file = chunker.chunk(path, source);
  const chunks = file.chunks.map(
    (chunk) =>
      `${chunk.startLine}-${chunk.endLine} ${chunk.kind ?? '-'} ${[...chunk.parents, chunk.symbol ?? '-'].join('.')}`,
  );
  const definitions = file.chunks.flatMap((chunk) => chunk.definitions);
  return [`${file.language} ${file.mode}`, ...chunks, `defines: ${definitions.join(' ')}`].join('\n');
}
