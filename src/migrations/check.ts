// `db check`: the live schema against its revision's and the data against its rules, each a check with what is wrong.
import { type Kysely, sql } from 'kysely';
import { DATA_CHECKS } from './data-checks.js';
import { expectedSchema, OUR_TABLES, tableOf } from './expected-schema.js';
import { schemaFindings } from './verification.js';
import { currentRevision } from './version.js';

export interface Check {
  /** What should hold: "repositories has its 8 columns". */
  readonly rule: string;
  /** What is wrong; none when it holds. */
  readonly findings: readonly string[];
}

export interface CheckReport {
  readonly revision: string | null;
  readonly checks: readonly Check[];
}

interface Finding {
  readonly object: string;
  readonly finding: string;
  readonly lacking: boolean;
}

/** Checks everything as it is at one moment. Refuses a revision that this program does not know. */
export function checkDatabase<DB>(db: Kysely<DB>): Promise<CheckReport> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (tx) => {
      const revision = await currentRevision(tx);
      const { rows } = await sql.raw<Finding>(schemaFindings(revision)).execute(tx);
      const readable = !rows.some(({ object, lacking }) => lacking && /^(table|column) /.test(object));
      const data = readable ? await dataChecks(tx, revision) : UNCHECKED;
      return { revision, checks: [...schemaChecks(revision, rows), ...data] };
    });
}

const KINDS = ['column', 'constraint', 'index', 'trigger', 'policy', 'function'] as const;
const PLURALS = {
  column: 'columns',
  constraint: 'constraints',
  index: 'indexes',
  trigger: 'triggers',
  policy: 'policies',
  function: 'functions',
} as const;

function schemaChecks(revision: string | null, findings: readonly Finding[]): readonly Check[] {
  const expected = expectedSchema(revision);
  const tables = [...new Set(expected.map(({ object }) => tableOf(object)))];
  const about = (objects: (object: string) => boolean): readonly string[] =>
    findings.filter(({ object }) => objects(object)).map(({ finding }) => finding);
  const absent = OUR_TABLES.filter((table) => !tables.includes(table));
  return [
    ...tables.map((table) => ({
      rule: `${table} is a table`,
      findings: about((object) => object === `table ${table}`),
    })),
    ...tables.flatMap((table) =>
      KINDS.map((kind) => {
        const belongs = (object: string): boolean => object.startsWith(`${kind} ${table}.`);
        const count = expected.filter(({ object }) => belongs(object)).length;
        return { rule: `${table} has its ${count} ${PLURALS[kind]}`, count, findings: about(belongs) };
      })
        .filter(({ count, findings: wrong }) => count > 0 || wrong.length > 0)
        .map(({ rule, findings: wrong }) => ({ rule, findings: wrong })),
    ),
    {
      rule: `absent: ${absent.join(', ')}`,
      findings: about((object) => absent.some((table) => object === `table ${table}`)),
    },
  ];
}

const UNCHECKED: readonly Check[] = [
  { rule: 'the data keeps its rules', findings: ['not looked at, because columns are missing or of another type'] },
];

async function dataChecks<DB>(db: Kysely<DB>, revision: string | null): Promise<readonly Check[]> {
  const checks: Check[] = [];
  for (const { rule, holdsAt, findings } of DATA_CHECKS) {
    if (revision === null || !holdsAt.includes(revision)) continue;
    const { rows } = await sql.raw<{ finding: string }>(findings).execute(db);
    checks.push({ rule, findings: rows.map(({ finding }) => finding) });
  }
  return checks;
}
