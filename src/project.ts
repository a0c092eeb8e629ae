// Project ids: one branded type, parsed once at the edge, so that an unchecked string never reaches a query.
import { CodebaseError } from './errors.js';

declare const brand: unique symbol;
export type ProjectId = string & { readonly [brand]: 'ProjectId' };

/** What the database's CHECK constraint accepts. */
const PATTERN = /^[a-z0-9-]{1,50}$/;
/** A hyphen separates words: none at the ends, none doubled. */
const LOOSE_HYPHEN = /^-|-$|--/;
const SHOWN_CHARACTERS = 60;

/**
 * Throws `invalid_input` unless `value` is 1 to 50 lower-case letters, digits and single inner hyphens. `where`: the file that
 * says so.
 */
export function parseProjectId(value: unknown, where?: string): ProjectId {
  if (typeof value === 'string' && PATTERN.test(value) && !LOOSE_HYPHEN.test(value)) return value as ProjectId;
  const shown = JSON.stringify(value) ?? String(value);
  const cut = shown.length > SHOWN_CHARACTERS ? `${shown.slice(0, SHOWN_CHARACTERS)}…` : shown;
  throw new CodebaseError(
    'invalid_input',
    `${where === undefined ? '' : `${where}: `}${cut} is not a project id; use 1 to 50 lower-case letters, digits and single hyphens between them, for example my-project.`,
  );
}
