// What a path alone says, whatever is asked: worked out once for a file, not at each question. Pure.
import { terms } from '../lexical/terms.js';
import { type Role, rolesOf, stemOf } from './path-kind.js';

export interface PathFacts {
  readonly roles: ReadonlySet<Role>;
  /** Distinct terms of the file's name without extensions. */
  readonly nameTerms: readonly string[];
  /** The same name, squashed. */
  readonly name: string;
  readonly terms: ReadonlySet<string>;
  /** How many directories the file lies in. */
  readonly depth: number;
}

export function pathFacts(path: string): PathFacts {
  const stem = stemOf(path);
  return {
    roles: rolesOf(path),
    nameTerms: [...new Set(terms(stem))],
    name: squash(stem),
    terms: new Set(terms(path)),
    depth: path.split('/').length - 1,
  };
}

/** Letters and digits only, lower case: the form in which all spellings of a name are equal. */
export function squash(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}
