// Rules that the data keeps at each revision, as queries for what breaks them.

export interface DataCheck {
  /** What holds, in words: "every chunk has a repository". */
  readonly rule: string;
  readonly holdsAt: readonly string[];
  /** A query with the text column `finding`, no rows when the rule holds. */
  readonly findings: string;
}

const FROM_006 = ['006_search', '008_row_level_security', '009_project_keys'];
const FROM_002 = ['002_remove_non_search_tables', ...FROM_006];
const ALWAYS = ['001_initial_schema', '003_project_tracking', '005_case_insensitive_vendor', ...FROM_002];

export const DATA_CHECKS: readonly DataCheck[] = [
  {
    rule: 'every chunk has a repository',
    holdsAt: ALWAYS,
    findings: count(
      'chunks without a repository',
      'c.id',
      'FROM code_chunks c WHERE NOT EXISTS (SELECT FROM repositories r WHERE r.id = c.repository_id)',
    ),
  },
  {
    rule: 'every chunk is in the project of its repository',
    holdsAt: FROM_002,
    findings: count(
      'chunks in another project than their repository',
      'c.id',
      'FROM code_chunks c JOIN repositories r ON r.id = c.repository_id WHERE c.project_id IS DISTINCT FROM r.project_id',
    ),
  },
  {
    rule: 'every project id matches ^[a-z0-9-]{1,50}$',
    holdsAt: FROM_002,
    findings: `    SELECT format('%L in %s', p.project_id, p.place) AS finding FROM (
      SELECT DISTINCT project_id, 'repositories' AS place FROM repositories
      UNION ALL SELECT DISTINCT project_id, 'code_chunks' FROM code_chunks
    ) AS p WHERE p.project_id IS NULL OR p.project_id !~ '^[a-z0-9-]{1,50}$'`,
  },
  {
    rule: 'every chunk has the file it comes from',
    holdsAt: FROM_006,
    findings: count(
      'chunks without their file',
      'c.id',
      `FROM code_chunks c LEFT JOIN code_files f ON (f.project_id, f.id) = (c.project_id, c.file_id)
      WHERE (f.repository_id, f.path) IS DISTINCT FROM (c.repository_id, c.file_path)`,
    ),
  },
];

function count(what: string, id: string, from: string): string {
  return `    SELECT format('%s ${what}, the first are %s', count(*), array_to_string((array_agg(${id}::text ORDER BY ${id}))[1:5], ', ')) AS finding
    ${from} HAVING count(*) > 0`;
}
