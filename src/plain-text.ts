// Text that neither a database nor a file system can hold, refused before it reaches them.
import { CodebaseError } from './errors.js';

/** Throws `invalid_input` when a text in the request holds a NUL character; returns the request. */
export function plainText<T>(request: T): T {
  const nul = textsOf(request).find((text) => text.includes('\0'));
  if (nul === undefined) return request;
  throw new CodebaseError(
    'invalid_input',
    `${JSON.stringify(nul.slice(0, 60))} holds a NUL character, which no path, name or code has; leave it out.`,
  );
}

function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}
