// Repositories with files and chunks, as values; the schemas of different revisions take from them what they hold.
import { fileName, type SourceChunk, sourceChunk, sourceStyle } from './code.js';
import { Random } from './random.js';
import { TOPICS } from './vectors.js';

export interface SeedSize {
  readonly repositories: number;
  readonly chunks: number;
  /** Repositories are dealt to this many projects. */
  readonly projects: number;
  readonly seed: number;
}

export interface SeedRepository {
  readonly id: string;
  readonly project: string;
  readonly path: string;
  readonly name: string;
  readonly indexedAt: string;
  readonly metadata: string;
  readonly createdAt: string;
  /** Exact number of chunks that its files have together. */
  readonly chunks: number;
}

export interface SeedChunk extends SourceChunk {
  readonly id: string;
  readonly startLine: number;
  readonly createdAt: string;
}

export interface SeedFile {
  readonly repository: SeedRepository;
  /** From 1, over all repositories. */
  readonly id: number;
  readonly path: string;
  readonly language: string;
  readonly topic: number;
  readonly chunks: readonly SeedChunk[];
}

const MOST_CHUNKS_PER_FILE = 24;
const OWNERS = ['acme', 'initech', 'globex', 'umbrella'];
const PRODUCTS = [
  'billing',
  'gateway',
  'search',
  'editor',
  'mailer',
  'ledger',
  'router',
  'crawler',
  'vault',
  'scheduler',
];

/** The first project is `default`, the others `project-2`, `project-3`, … */
export function seedRepositories(size: SeedSize): readonly SeedRepository[] {
  const random = new Random(size.seed, 'repositories');
  return shares(size.repositories, size.chunks).map((chunks, i) => {
    const name = `${random.pick(PRODUCTS)}-${i + 1}`;
    const project = i % size.projects;
    return {
      id: random.uuid(),
      project: project === 0 ? 'default' : `project-${project + 1}`,
      path: `/srv/git/${random.pick(OWNERS)}/${name}`,
      name,
      indexedAt: random.timestamp(),
      metadata: JSON.stringify({
        branch: 'main',
        stars: random.below(5000),
        topics: ['größe', "it's"].slice(random.below(2)),
      }),
      createdAt: random.timestamp(),
      chunks,
    };
  });
}

/** Files one after the other; memory holds one at a time. */
export function* seedFiles(size: SeedSize, repositories: readonly SeedRepository[]): Generator<SeedFile> {
  const random = new Random(size.seed, 'files');
  let id = 0;
  for (const repository of repositories) {
    for (let left = repository.chunks, place = 0; left > 0; place++) {
      const count = Math.min(left, 1 + random.below(random.chance(0.1) ? MOST_CHUNKS_PER_FILE : 8));
      left -= count;
      id += 1;
      const style = sourceStyle(random);
      const topic = random.below(TOPICS);
      const path = fileName(random, style, place);
      const chunks = placed(
        random,
        Array.from({ length: count }, () => sourceChunk(random, style)),
      );
      yield { repository, id, path, language: style.language, topic, chunks };
    }
  }
}

function placed(random: Random, chunks: readonly SourceChunk[]): readonly SeedChunk[] {
  let line = 1;
  return chunks.map((chunk) => {
    const startLine = line;
    line += chunk.lines;
    return { ...chunk, id: random.uuid(), startLine, createdAt: random.timestamp() };
  });
}

/** How many of `total` each of `count` gets: a few are large, most are small, the sum is exact. */
function shares(count: number, total: number): readonly number[] {
  const weights = Array.from({ length: count }, (_, i) => 1 / Math.sqrt(i + 1));
  const sum = weights.reduce((a, b) => a + b, 0);
  let before = 0;
  let weight = 0;
  return weights.map((w) => {
    weight += w;
    const upTo = Math.round((total * weight) / sum);
    const share = upTo - before;
    before = upTo;
    return share;
  });
}
