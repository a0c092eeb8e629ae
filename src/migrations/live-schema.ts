// The live schema as lines "object: definition", one for every table, column, constraint, index, trigger, policy and function:
// the form in which revisions keep what they should look like, so that any difference has a name.
import { literals } from './stops.js';

/**
 * A query with the text columns `object` and `definition` over those of `tables` that exist in the current schema. A function
 * whose name begins with a table's belongs to it.
 */
export function liveSchemaQuery(tables: readonly string[]): string {
  return `WITH ours AS (
  SELECT oid, relname, relkind, relrowsecurity, relforcerowsecurity FROM pg_class
  WHERE relnamespace = quote_ident(current_schema())::regnamespace AND relname IN (${literals(tables)})
)
SELECT format('table %s', relname) AS object,
  CASE relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'p' THEN 'partitioned table'
    ELSE 'relation of kind ' || relkind::text END
    || CASE WHEN relrowsecurity THEN ' with row-level security' ELSE '' END
    || CASE WHEN relforcerowsecurity THEN ', forced' ELSE '' END AS definition
FROM ours
UNION ALL
SELECT format('column %s.%s', ours.relname, a.attname), concat_ws(' ',
  format_type(a.atttypid, a.atttypmod),
  CASE WHEN a.attnotnull THEN 'not null' END,
  CASE a.attidentity WHEN 'd' THEN 'by default as identity' WHEN 'a' THEN 'always as identity' END,
  CASE WHEN a.attgenerated <> '' THEN 'generated' END,
  'default ' || pg_get_expr(d.adbin, d.adrelid),
  CASE WHEN a.attstorage <> t.typstorage THEN 'storage '
    || CASE a.attstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'm' THEN 'main' ELSE 'extended' END END)
FROM ours JOIN pg_attribute a ON a.attrelid = ours.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
UNION ALL
SELECT format('constraint %s.%s', ours.relname, c.conname), pg_get_constraintdef(c.oid)
FROM ours JOIN pg_constraint c ON c.conrelid = ours.oid AND c.contype IN ('p', 'u', 'f', 'c', 'x')
UNION ALL
SELECT format('index %s.%s', ours.relname, i.relname),
  regexp_replace(pg_get_indexdef(x.indexrelid), '^CREATE (UNIQUE )?INDEX .* ON .* USING ', '\\1')
    || CASE WHEN x.indisvalid THEN '' ELSE ' (invalid)' END
FROM ours JOIN pg_index x ON x.indrelid = ours.oid JOIN pg_class i ON i.oid = x.indexrelid
WHERE NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = x.indexrelid AND c.contype IN ('p', 'u', 'x'))
UNION ALL
SELECT format('trigger %s.%s', ours.relname, g.tgname), pg_get_triggerdef(g.oid)
FROM ours JOIN pg_trigger g ON g.tgrelid = ours.oid AND NOT g.tgisinternal
UNION ALL
SELECT format('policy %s.%s', ours.relname, p.polname), concat_ws(' ',
  CASE WHEN p.polpermissive THEN 'permissive' ELSE 'restrictive' END,
  CASE p.polcmd WHEN '*' THEN 'for all' ELSE 'for ' || p.polcmd::text END,
  CASE WHEN p.polroles <> '{0}' THEN 'to some roles' END,
  'using ' || pg_get_expr(p.polqual, p.polrelid),
  'with check ' || pg_get_expr(p.polwithcheck, p.polrelid))
FROM ours JOIN pg_policy p ON p.polrelid = ours.oid
UNION ALL
SELECT format('function %s.%s', ours.relname, p.proname), concat_ws(' ',
  format('(%s) returns %s', pg_get_function_arguments(p.oid), pg_get_function_result(p.oid)),
  CASE WHEN p.prosecdef THEN 'as its owner' END,
  'with ' || replace(array_to_string(p.proconfig, ', '), 'search_path=' || quote_ident(current_schema()) || ',', 'search_path=the schema,'),
  'md5 ' || md5(p.prosrc))
FROM ours JOIN pg_proc p ON starts_with(p.proname, ours.relname || '_')
WHERE p.pronamespace = quote_ident(current_schema())::regnamespace`;
}
