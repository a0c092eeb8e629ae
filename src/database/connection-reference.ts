// Where a connection URL is found that must not stand in the registry in clear: an environment variable or a file.
import { readFile } from 'node:fs/promises';
import { loadVariable } from '../config.js';
import { CodebaseError } from '../errors.js';

/** `reference`: `env:NAME` or `file:/path`. Throws when there is no PostgreSQL URL; what is there instead is not repeated. */
export async function readConnection(reference: string): Promise<string> {
  const [, kind, name = ''] = /^(env|file):(.+)$/s.exec(reference) ?? [];
  if (kind === undefined) throw unusable(reference, 'is neither env:NAME nor file:/path');
  const text = kind === 'env' ? loadVariable(name) : await readFile(name, 'utf8').catch(() => undefined);
  if (text === undefined) throw unusable(reference, kind === 'env' ? 'is not set' : 'cannot be read');
  const url = text.trim();
  if (!/^postgres(ql)?:\/\/./.test(url) || !URL.canParse(url)) throw unusable(reference, 'holds no PostgreSQL URL');
  return url;
}

function unusable(reference: string, why: string): CodebaseError {
  return new CodebaseError(
    'invalid_input',
    `The connection of the project, ${reference}, ${why}; it must lead to postgres://user:password@host:5432/name.`,
  );
}
