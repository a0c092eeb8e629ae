// Verification as SQL: the schema and the data are what a revision promises, or the transaction stops with every difference
// named. Additions that do no harm, an index of the operator's, are only mentioned.
import { DATA_CHECKS } from './data-checks.js';
import { differencesQuery } from './expected-schema.js';
import { literal, STOP, stopIfAny } from './stops.js';

/** Stops unless the live schema is that of `revision`; null is a database without any of our tables. */
export function verifySchema(revision: string | null): string {
  return `DO $check$
DECLARE difference record; wrong text[] := '{}'; added text[] := '{}';
BEGIN
  FOR difference IN
${differencesQuery(revision)}
  LOOP
    IF difference.expected IS NULL AND difference.object NOT LIKE 'table %' THEN
      added := added || difference.object;
    ELSE
      wrong := wrong || ${finding('difference')};
    END IF;
  END LOOP;
  IF cardinality(wrong) > 0 THEN
    RAISE EXCEPTION USING ERRCODE = '${STOP.schema}', MESSAGE = ${literal(wrongSchema(revision))},
      DETAIL = array_to_string(wrong, '; '), HINT = ${literal(nextStep(revision))};
  END IF;
  IF cardinality(added) > 0 THEN
    RAISE NOTICE '% not part of the revision, left as it is', array_to_string(added, ', ');
  END IF;
END $check$`;
}

/** SQL that says in words what `row` of `differencesQuery` found. */
function finding(row: string): string {
  return `CASE
        WHEN ${row}.live IS NULL THEN format('%s is missing (%s)', ${row}.object, ${row}.expected)
        WHEN ${row}.expected IS NULL THEN format('%s should not be there', ${row}.object)
        ELSE format('%s is "%s", not "%s"', ${row}.object, ${row}.live, ${row}.expected) END`;
}

function wrongSchema(revision: string | null): string {
  return revision === null
    ? 'the database has tables of our names but no revision'
    : `the schema is not what revision ${revision} makes`;
}

function nextStep(revision: string | null): string {
  return revision === null
    ? 'use another database or schema, or run codebase-mcp db stamp REVISION if the tables are those of a revision'
    : 'put the tables right and run codebase-mcp db check until it finds nothing, then try again';
}

/** A row for every difference: `object`, `finding` in words, and whether something is `lacking` (or else too much). */
export function schemaFindings(revision: string | null): string {
  return `SELECT d.object, ${finding('d')} AS finding, d.expected IS NOT NULL AS lacking FROM (
${differencesQuery(revision)}
) AS d`;
}

/** Stops at the first rule about the data that does not hold. */
export function verifyData(revision: string | null): readonly string[] {
  return DATA_CHECKS.filter((check) => revision !== null && check.holdsAt.includes(revision)).map((check) =>
    stopIfAny(check.findings, {
      state: STOP.data,
      message: `not so: ${check.rule}`,
      hint: 'correct or delete the rows named, then try again',
    }),
  );
}
