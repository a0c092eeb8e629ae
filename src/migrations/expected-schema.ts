// What the schema of each revision should be, and the query that finds every difference to the live one.
import { liveSchemaQuery } from './live-schema.js';
import { SCHEMA as SCHEMA_001 } from './schemas/001_initial_schema.js';
import { SCHEMA as SCHEMA_002 } from './schemas/002_remove_non_search_tables.js';
import { SCHEMA as SCHEMA_003 } from './schemas/003_project_tracking.js';
import { SCHEMA as SCHEMA_005 } from './schemas/005_case_insensitive_vendor.js';
import { SCHEMA as SCHEMA_006 } from './schemas/006_search.js';
import { SCHEMA as SCHEMA_008 } from './schemas/008_row_level_security.js';
import { SCHEMA as SCHEMA_009 } from './schemas/009_project_keys.js';
import { literal } from './stops.js';

const SCHEMAS: Readonly<Record<string, string>> = {
  '001_initial_schema': SCHEMA_001,
  '003_project_tracking': SCHEMA_003,
  '005_case_insensitive_vendor': SCHEMA_005,
  '002_remove_non_search_tables': SCHEMA_002,
  '006_search': SCHEMA_006,
  '008_row_level_security': SCHEMA_008,
  '009_project_keys': SCHEMA_009,
};

export interface ExpectedObject {
  /** For example `column repositories.path`. */
  readonly object: string;
  readonly definition: string;
}

/** Every object of a revision's schema; none for null, the empty database. */
export function expectedSchema(revision: string | null): readonly ExpectedObject[] {
  return (revision === null ? '' : (SCHEMAS[revision] ?? ''))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => ({
      object: line.slice(0, line.indexOf(': ')),
      definition: line.slice(line.indexOf(': ') + 2),
    }));
}

/** The table an object belongs to: `column repositories.path` → `repositories`. */
export function tableOf(object: string): string {
  return object.replace(/^\w+ /, '').replace(/\..*$/s, '');
}

/** Every table that any revision makes; a table of such a name where its revision has none is not ours. */
export const OUR_TABLES: readonly string[] = [
  ...new Set(
    Object.keys(SCHEMAS)
      .flatMap(expectedSchema)
      .map(({ object }) => tableOf(object)),
  ),
].sort();

/**
 * A query for the differences: text columns `object`, `expected` (null: should not be there) and `live` (null: missing).
 */
export function differencesQuery(revision: string | null): string {
  const expected = expectedSchema(revision).map(
    ({ object, definition }) => `(${literal(object)}, ${literal(definition)})`,
  );
  const values = expected.length > 0 ? `VALUES\n${expected.join(',\n')}` : 'SELECT NULL, NULL WHERE false';
  return `SELECT coalesce(e.object, l.object) AS object, e.definition AS expected, l.definition AS live
FROM (${values}) AS e (object, definition)
FULL JOIN (${liveSchemaQuery(OUR_TABLES)}) AS l ON l.object = e.object
WHERE e.definition IS DISTINCT FROM l.definition
ORDER BY coalesce(e.object, l.object) COLLATE "C"`;
}
