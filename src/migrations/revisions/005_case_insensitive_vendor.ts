// Vendor names are unique regardless of case.
import type { Revision } from '../revision.js';
import { STOP, stopIfAny } from '../stops.js';

/** From the unique constraint of 003 to the index; 002's downgrade runs it again. */
export const CASE_INSENSITIVE_NAMES = [
  'ALTER TABLE vendors DROP CONSTRAINT IF EXISTS vendors_name_key',
  'CREATE UNIQUE INDEX IF NOT EXISTS idx_vendors_name_lower ON vendors (lower(name))',
];

const NO_DUPLICATES = stopIfAny(
  `    SELECT array_to_string(array_agg(format('"%s" (%s)', name, id) ORDER BY name), ' and ') AS finding
    FROM vendors GROUP BY lower(name) HAVING count(*) > 1`,
  {
    state: STOP.data,
    message: 'vendors have names that differ only in case',
    hint: 'rename or delete all but one of each, then upgrade again',
  },
);

export const CASE_INSENSITIVE_VENDOR: Revision = {
  revision: '005_case_insensitive_vendor',
  revises: '003_project_tracking',
  alembic: '005',
  description: 'vendor names unique regardless of case',
  upgrade: [{ title: 'unique lower-case name', sql: [NO_DUPLICATES, ...CASE_INSENSITIVE_NAMES] }],
  downgrade: [
    {
      title: 'unique name',
      sql: [
        'DROP INDEX IF EXISTS idx_vendors_name_lower',
        'ALTER TABLE vendors ADD CONSTRAINT vendors_name_key UNIQUE (name)',
      ],
    },
  ],
};
