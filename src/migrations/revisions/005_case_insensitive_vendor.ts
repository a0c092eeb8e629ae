// Vendor names are unique regardless of case.
import type { Revision } from '../revision.js';

/** From the unique constraint of 003 to the index; 002's downgrade runs it again. */
export const CASE_INSENSITIVE_NAMES = [
  'ALTER TABLE vendors DROP CONSTRAINT IF EXISTS vendors_name_key',
  'CREATE UNIQUE INDEX IF NOT EXISTS idx_vendors_name_lower ON vendors (lower(name))',
];

export const CASE_INSENSITIVE_VENDOR: Revision = {
  revision: '005_case_insensitive_vendor',
  revises: '003_project_tracking',
  alembic: '005',
  description: 'vendor names unique regardless of case',
  upgrade: [{ title: 'unique lower-case name', sql: CASE_INSENSITIVE_NAMES }],
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
