// What hangs on the tables that 002 drops: foreign keys, views, functions. They are named before anything is dropped; CASCADE
// would remove them without a word.
import { literals, STOP, stopIfAny } from './stops.js';

/** Stops at foreign keys between `dropped` and `kept` tables, and from any other table into `dropped`. */
export function stopAtForeignKeys(dropped: readonly string[], kept: readonly string[]): string {
  return stopIfAny(foreignKeys(literals(dropped), literals(kept)), {
    state: STOP.schema,
    message: 'foreign keys hold on to tables that this revision drops',
    hint: 'run the statements named if those keys are not needed, then upgrade again',
  });
}

// pg_constraint beside information_schema: constraint names are unique only per table, so the standard's views alone cannot say
// which table a key refers to.
function foreignKeys(dropped: string, kept: string): string {
  return `    SELECT DISTINCT format('%I (%s) refers to %s by %I; ALTER TABLE %I DROP CONSTRAINT %I', source.table_name,
      columns.names, target.relname, source.constraint_name, source.table_name, source.constraint_name) AS finding
    FROM information_schema.table_constraints AS source
    JOIN information_schema.referential_constraints USING (constraint_schema, constraint_name)
    JOIN pg_namespace AS space ON space.nspname = source.table_schema
    JOIN pg_class AS owner ON owner.relnamespace = space.oid AND owner.relname = source.table_name
    JOIN pg_constraint AS key ON key.conrelid = owner.oid AND key.conname = source.constraint_name
    JOIN pg_class AS target ON target.oid = key.confrelid AND target.relnamespace = quote_ident(current_schema())::regnamespace
    CROSS JOIN LATERAL (
      SELECT string_agg(quote_ident(attname), ', ' ORDER BY place) AS names
      FROM unnest(key.conkey) WITH ORDINALITY AS k (attnum, place)
      JOIN pg_attribute AS a ON a.attrelid = owner.oid AND a.attnum = k.attnum
    ) AS columns
    WHERE source.constraint_type = 'FOREIGN KEY' AND CASE
      WHEN source.table_schema = current_schema() AND source.table_name IN (${dropped}) THEN target.relname IN (${kept})
      ELSE target.relname IN (${dropped}) END`;
}

/** Stops at views, functions and columns of other tables that are made from one of the `dropped` tables. */
export function stopAtDependents(dropped: readonly string[]): string {
  return stopIfAny(dependents(literals(dropped)), {
    state: STOP.schema,
    message: 'other objects are made from tables that this revision drops',
    hint: 'drop or change these objects, then upgrade again',
  });
}

function dependents(dropped: string): string {
  return `    WITH gone AS (
      SELECT c.oid, c.reltype, t.typarray, c.relname FROM pg_class c JOIN pg_type t ON t.oid = c.reltype
      WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND c.relname IN (${dropped})
    )
    SELECT DISTINCT format('%s uses %I', pg_describe_object(d.classid, d.objid, d.objsubid), gone.relname) AS finding
    FROM pg_depend AS d
    JOIN gone ON (d.refclassid = 'pg_class'::regclass AND d.refobjid = gone.oid)
      OR (d.refclassid = 'pg_type'::regclass AND d.refobjid IN (gone.reltype, gone.typarray))
    LEFT JOIN pg_rewrite AS rule ON d.classid = 'pg_rewrite'::regclass AND rule.oid = d.objid
    WHERE d.deptype = 'n' AND d.classid <> 'pg_constraint'::regclass
      AND NOT (d.classid = 'pg_class'::regclass AND d.objid IN (SELECT oid FROM gone))
      AND (rule.ev_class IS NULL OR rule.ev_class NOT IN (SELECT oid FROM gone))`;
}
