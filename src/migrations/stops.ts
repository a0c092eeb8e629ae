// Checks as SQL: a DO block that stops the transaction with one sentence, the findings and the next step. Being SQL they hold
// in the printed script as well as in the run.

/** SQLSTATEs of our own; PostgreSQL assigns none in class CM. */
export const STOP = { database: 'CM001', schema: 'CM002', data: 'CM003', rows: 'CM004' } as const;
export type StopState = (typeof STOP)[keyof typeof STOP];

export interface Stop {
  readonly state: StopState;
  /** What is wrong, without a full stop; the findings follow after a colon. */
  readonly message: string;
  /** The next step, an imperative without a full stop. */
  readonly hint: string;
}

/** Findings shown before the rest is only counted. */
const SHOWN = 10;

/** Stops when `query`, with one text column `finding`, returns rows. */
export function stopIfAny(query: string, stop: Stop): string {
  return `DO $check$
DECLARE findings text[];
BEGIN
  SELECT array_agg(finding) INTO findings FROM (
${query}
  ) AS found;
  IF findings IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = '${stop.state}', MESSAGE = ${literal(stop.message)}, HINT = ${literal(stop.hint)},
      DETAIL = array_to_string(findings[1:${SHOWN}], '; ')
        || CASE WHEN cardinality(findings) > ${SHOWN} THEN format('; and %s more', cardinality(findings) - ${SHOWN}) ELSE '' END;
  END IF;
END $check$`;
}

/** A text as an SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Names as a list of SQL literals. */
export function literals(names: readonly string[]): string {
  return names.map(literal).join(', ');
}
