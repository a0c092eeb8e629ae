// The revisions this program knows, and their order.
import { linearise } from './chain.js';
import { INITIAL_SCHEMA } from './revisions/001_initial_schema.js';
import { REMOVE_NON_SEARCH_TABLES } from './revisions/002_remove_non_search_tables.js';
import { PROJECT_TRACKING } from './revisions/003_project_tracking.js';
import { CASE_INSENSITIVE_VENDOR } from './revisions/005_case_insensitive_vendor.js';
import { SEARCH } from './revisions/006_search.js';
import { ROW_LEVEL_SECURITY } from './revisions/008_row_level_security.js';
import { PROJECT_KEYS } from './revisions/009_project_keys.js';

export const CHAIN = linearise([
  INITIAL_SCHEMA,
  REMOVE_NON_SEARCH_TABLES,
  PROJECT_TRACKING,
  CASE_INSENSITIVE_VENDOR,
  SEARCH,
  ROW_LEVEL_SECURITY,
  PROJECT_KEYS,
]);

/** The revision that this program works with. */
export const HEAD: string = CHAIN.at(-1)?.revision ?? '';
