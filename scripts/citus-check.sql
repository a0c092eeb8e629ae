-- What keeps a schema from being distributed by project_id on Citus: one row for each object, none when all is well. Run with
-- psql on the database as it is on any PostgreSQL, before scripts/citus.sql. Tables with a project_id are distributed by it,
-- the others are reference tables. The rules are those of Citus 12 and 13's documentation.
WITH tables AS (
  SELECT c.oid, c.relname AS name, a.attnum AS key, a.atttypid AS type, a.atttypmod AS typmod, a.attcollation AS coll,
    a.attnotnull AS filled, a.attgenerated <> '' AS generated, c.relkind, c.relpersistence
  FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'project_id' AND NOT a.attisdropped
  WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND c.relname NOT IN ('alembic_version', 'codebase_registry', 'codebase_projects')
), distributed AS (
  SELECT * FROM tables WHERE key IS NOT NULL
)
SELECT format('table %s', name) AS object, 'is distributed by a column that may be NULL' AS problem FROM distributed WHERE NOT filled
UNION ALL
SELECT format('table %s', name), 'is distributed by a generated column' FROM distributed WHERE generated
UNION ALL
SELECT format('table %s', name), 'is unlogged' FROM tables WHERE relpersistence = 'u'
UNION ALL
-- Tables in one colocation group have keys of one type and collation.
SELECT format('table %s', name), format('has a project_id of type %s, others have another type or collation', format_type(type, typmod))
FROM distributed WHERE ROW(type, coll) IS DISTINCT FROM
  (SELECT ROW(type, coll) FROM distributed GROUP BY type, coll ORDER BY count(*) DESC, type LIMIT 1)
UNION ALL
-- Uniqueness is kept within a shard only.
SELECT format('index %s', x.indexrelid::regclass), format('is unique in %s without project_id', t.name)
FROM distributed t JOIN pg_index x ON x.indrelid = t.oid
WHERE x.indisunique AND NOT t.key = ANY ((x.indkey::int2[])[0:x.indnkeyatts - 1])
UNION ALL
SELECT format('constraint %s.%s', t.name, k.conname), 'excludes without comparing project_id by ='
FROM distributed t JOIN pg_constraint k ON k.conrelid = t.oid
WHERE k.contype = 'x' AND NOT EXISTS (
  SELECT FROM unnest(k.conkey, k.conexclop) AS part (attnum, operator)
  WHERE attnum = t.key AND (SELECT oprname FROM pg_operator WHERE oid = operator) = '=')
UNION ALL
SELECT format('constraint %s.%s', t.name, k.conname), 'refers to a distributed table without project_id at the same place on both sides'
FROM distributed t JOIN pg_constraint k ON k.conrelid = t.oid JOIN distributed other ON other.oid = k.confrelid
WHERE k.contype = 'f' AND coalesce(array_position(k.conkey, t.key), 0) IS DISTINCT FROM coalesce(array_position(k.confkey, other.key), -1)
UNION ALL
SELECT format('constraint %s.%s', t.name, k.conname), 'sets project_id when the row it refers to goes or changes'
FROM distributed t JOIN pg_constraint k ON k.conrelid = t.oid
WHERE k.contype = 'f' AND t.key = ANY (k.conkey) AND (k.confdeltype IN ('n', 'd') OR k.confupdtype IN ('n', 'd', 'c'))
UNION ALL
SELECT format('constraint %s.%s', t.name, k.conname), format('refers from a reference table to the distributed table %s', other.name)
FROM tables t JOIN pg_constraint k ON k.conrelid = t.oid JOIN distributed other ON other.oid = k.confrelid
WHERE k.contype = 'f' AND t.key IS NULL
UNION ALL
SELECT format('constraint %s.%s', t.name, k.conname), format('refers to %s, which is not distributed', k.confrelid::regclass)
FROM tables t JOIN pg_constraint k ON k.conrelid = t.oid
WHERE k.contype = 'f' AND NOT EXISTS (SELECT FROM tables other WHERE other.oid = k.confrelid)
UNION ALL
-- Every node takes its numbers from a range of its own, which only a bigint has room for.
SELECT format('column %s.%s', t.name, a.attname), format('takes its values from a sequence and is %s instead of bigint', format_type(a.atttypid, a.atttypmod))
FROM distributed t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE (a.attidentity <> '' OR pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%') AND a.atttypid <> 'bigint'::regtype
UNION ALL
SELECT format('trigger %s.%s', t.name, g.tgname), 'would have to run on every shard'
FROM tables t JOIN pg_trigger g ON g.tgrelid = t.oid WHERE NOT g.tgisinternal
UNION ALL
SELECT format('policy %s.%s', t.name, p.polname), 'asks another table'
FROM tables t JOIN pg_policy p ON p.polrelid = t.oid
WHERE concat(pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) ~* '\mselect\M'
UNION ALL
SELECT format('table %s', t.name), 'inherits, or is inherited from' FROM tables t JOIN pg_inherits i ON t.oid IN (i.inhrelid, i.inhparent)
WHERE t.relkind = 'r'
ORDER BY 1, 2;
