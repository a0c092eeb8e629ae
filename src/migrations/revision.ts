// What a revision is: named steps of plain SQL, so that the run and the printed script are the same statements.

/** A part of a revision. A statement that only counts answers with the columns `counted` (a table) and `rows`. */
export interface Step {
  readonly title: string;
  readonly sql: readonly string[];
  /** Tables this step drops with their rows, which are written to a file first. */
  readonly drops?: readonly string[];
}

export interface Revision {
  readonly revision: string;
  /** The revision before this one; null for the first. Order comes from here, never from names. */
  readonly revises: string | null;
  /** The name that the Python server's Alembic records for the same schema. */
  readonly alembic?: string;
  readonly description: string;
  readonly upgrade: readonly Step[];
  readonly downgrade: readonly Step[];
}
