// No row is dropped by accident: a step that drops tables stops while they hold rows that nobody has written to a file.
import { literals, STOP } from './stops.js';

/** Transaction-local: the rows have been written to a file, or the operator does not want them. */
const SETTING = 'codebase_mcp.drop_rows';
export const ALLOW_DROPPING_ROWS = `SELECT set_config('${SETTING}', 'on', true)`;

/** Stops when one of `tables` exists and has rows, unless ALLOW_DROPPING_ROWS came before in the transaction. */
export function stopAtRows(tables: readonly string[]): string {
  return `DO $check$
DECLARE name text; has_rows boolean; filled text[] := '{}';
BEGIN
  FOR name IN SELECT relname FROM pg_class
    WHERE relnamespace = quote_ident(current_schema())::regnamespace AND relkind = 'r' AND relname IN (${literals(tables)}) ORDER BY 1
  LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %I)', name) INTO has_rows;
    IF has_rows THEN filled := filled || name; END IF;
  END LOOP;
  IF cardinality(filled) > 0 AND coalesce(current_setting('${SETTING}', true), '') <> 'on' THEN
    RAISE EXCEPTION USING ERRCODE = '${STOP.rows}', MESSAGE = 'tables that this step drops have rows',
      DETAIL = array_to_string(filled, ', '),
      HINT = 'run codebase-mcp db upgrade or downgrade without --sql, which writes them to a file first, or give --no-backup to lose them';
  END IF;
END $check$`;
}
