// The git repository that a directory lies in, found without git: where a call or a command that names no path looks.
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** The nearest directory upward that holds `.git`, or null. */
export async function gitRoot(directory: string): Promise<string | null> {
  const found = await stat(join(directory, '.git')).catch(() => null);
  if (found !== null) return directory;
  const parent = dirname(directory);
  return parent === directory ? null : gitRoot(parent);
}
