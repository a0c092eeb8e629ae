// Where a connection URL is found that must not stand in the registry in clear: an environment variable or a file.
import { readFile } from 'node:fs/promises';
import { loadVariable } from './config.js';
import { CodebaseError } from './errors.js';

/** As the registry's CHECK constraint has it. */
const REFERENCE = /^(?:env:(?<name>[A-Za-z_][A-Za-z0-9_]*)|file:(?<path>\/.+))$/s;

export function isReference(text: string): boolean {
  return REFERENCE.test(text);
}

/** `reference`: `env:NAME` or `file:/path`. Throws when there is no PostgreSQL URL; what is there instead is not repeated. */
export async function readConnection(reference: string): Promise<string> {
  const { name, path } = REFERENCE.exec(reference)?.groups ?? {};
  if (name === undefined && path === undefined) throw unusable(reference, 'is neither env:NAME nor file:/path');
  const text = name === undefined ? await readFile(path ?? '', 'utf8').catch(() => undefined) : loadVariable(name);
  if (text === undefined) throw unusable(reference, name === undefined ? 'cannot be read' : 'is not set');
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
