// The rows most migration tests start from.
import type { Kysely } from 'kysely';
import type { SeedFile } from '#src/migrations/seed/repositories.js';
import { type SeedOptions, type SeedSummary, seed } from '#src/migrations/seed.js';

/** What the tests need of the lexical columns: any values. */
export function describeFile(file: SeedFile): { terms: string[]; postings: Buffer } {
  return {
    terms: ["it's", 'back\\slash', ...file.chunks.map((chunk) => chunk.symbol)],
    postings: Buffer.from([1, 2, 0xff]),
  };
}

export function seedSmall<DB>(db: Kysely<DB>, options: Partial<SeedOptions> = {}): Promise<SeedSummary> {
  return seed(db, { repositories: 5, chunks: 60, projects: 2, seed: 1, checksums: true, ...options }, describeFile);
}
