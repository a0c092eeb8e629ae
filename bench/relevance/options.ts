// Arguments of the relevance programs.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Config, loadConfig } from '#src/config.js';

export interface Options {
  readonly program: string;
  /** Directory with checkout.json. */
  readonly checkout: string;
  /** Directory with queries.json and score.mjs. */
  readonly benchmark: string;
  /** Directory of the index; undefined for one that is removed afterwards. */
  readonly data: string | undefined;
  /** Names of repositories; empty for all. */
  readonly only: readonly string[];
  /** Results of `measure`, one line per question. */
  readonly results: string;
  /** Signals that `features` writes and `fit` reads. */
  readonly features: string;
}

export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      checkout: { type: 'string', default: '../relevance-checkout' },
      benchmark: { type: 'string', default: '../shared/relevance' },
      data: { type: 'string' },
      only: { type: 'string', default: '' },
      results: { type: 'string', default: join(tmpdir(), 'codebase-mcp-relevance.jsonl') },
      features: { type: 'string', default: join(tmpdir(), 'codebase-mcp-features.jsonl') },
    },
  });
  return {
    ...values,
    data: values.data,
    program: positionals[0] ?? 'measure',
    only: values.only.split(',').filter(Boolean),
  };
}

/** Runs `work` with an index in `options.data`, or in a directory that is removed afterwards. */
export async function withIndex(options: Options, work: (config: Config) => Promise<void>): Promise<void> {
  if (options.data !== undefined) return work(loadConfig({ dataDir: options.data }));
  const scratch = await mkdtemp(join(tmpdir(), 'codebase-mcp-relevance-'));
  try {
    await work(loadConfig({ dataDir: join(scratch, 'data') }));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
