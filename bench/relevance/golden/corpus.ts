// The source trees that the golden questions are about: packages that the lockfile pins, as their authors ship them.
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Tree → directory in the tree → directory or file in node_modules. */
const TREES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  commander: { '.': 'commander/lib' },
  jose: { '.': 'jose/dist/webapi' },
  kysely: { '.': 'kysely/dist/esm' },
  pino: { '.': 'pino/lib' },
  postcss: { '.': 'postcss/lib' },
  postgres: {
    pg: 'pg/lib',
    'pg-connection-string/index.js': 'pg-connection-string/index.js',
    'pg-pool/index.js': 'pg-pool/index.js',
    'pg-protocol': 'pg-protocol/dist',
    'pg-types': 'pg-types/lib',
  },
  yaml: { '.': 'yaml/dist' },
};

export const TREE_NAMES: readonly string[] = Object.keys(TREES);

/** Copies the trees to directories of their own: what lies under node_modules is left out of an index. */
export async function copyTrees(target: string): Promise<void> {
  for (const [tree, parts] of Object.entries(TREES)) {
    for (const [place, source] of Object.entries(parts)) {
      const to = join(target, tree, place);
      await mkdir(join(to, '..'), { recursive: true });
      await cp(join('node_modules', source), to, { recursive: true, filter: isCode });
    }
  }
}

/** Type declarations, source maps and tests say again what the code says. */
function isCode(source: string): boolean {
  return !/\.(d\.ts|map|test\.js)$|\/(__tests__|test)$/.test(source);
}
