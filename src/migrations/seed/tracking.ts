// Rows for the nine tables that 002 drops: tasks, work items with a hierarchy, vendors, deployments. They hold what is easy
// to lose on the way through a file: NULLs, microseconds, nested JSON, quotes, newlines, other scripts.
import { Random } from './random.js';
import type { SeedTables, TableRows } from './tables.js';

const TITLES = [
  'Fix "flaky" retry',
  'Größere Puffer',
  "Don't drop NULLs",
  'Line one\nline two',
  'Tab\there',
  'C:\\temp\\x',
  '日本語の検索',
  '',
];
const PEOPLE = ['ada', 'grace', 'linus', 'mcp-client'];

/** Work items per level of the hierarchy, project to research, for each repository. */
const LEVELS = [
  { type: 'project', each: 1 },
  { type: 'session', each: 2 },
  { type: 'task', each: 2 },
  { type: 'research', each: 1 },
] as const;

/** Tables in an order in which a row may refer to a row that comes later: they are loaded without foreign keys. */
export function trackingTables(seed: number, scale: number): SeedTables {
  const tasks = taskTables(new Random(seed, 'tasks'), 2 * scale);
  const items = workItemTables(new Random(seed, 'work items'), scale);
  const deployments = deploymentTables(new Random(seed, 'deployments'), scale);
  return [...tasks, ...items, ...deployments];
}

function taskTables(random: Random, count: number): SeedTables {
  const tasks: TableRows = {
    table: 'tasks',
    columns: ['id', 'title', 'description', 'notes', 'status', 'planning_references', 'created_at', 'updated_at'],
    rows: [],
  };
  const branches: TableRows = {
    table: 'task_branches',
    columns: ['id', 'task_id', 'branch_name', 'created_at'],
    rows: [],
  };
  const commits: TableRows = {
    table: 'task_commits',
    columns: ['id', 'task_id', 'commit_hash', 'commit_message', 'created_at'],
    rows: [],
  };
  for (let i = 0; i < count; i++) {
    const id = random.uuid();
    const status = random.pick(['need to be done', 'in-progress', 'complete']);
    const references = random.pick(['{}', '{specs/plan.md}', '{"a, b.md",NULL,"\\"quoted\\""}']);
    tasks.rows.push([
      id,
      random.pick(TITLES),
      maybe(random, random.pick(TITLES)),
      maybe(random, 'notes'),
      status,
      references,
      random.timestamp(),
      random.timestamp(),
    ]);
    branches.rows.push([random.uuid(), id, `feature/${i}-${random.below(100)}`, random.timestamp()]);
    commits.rows.push([random.uuid(), id, random.hex(40), maybe(random, random.pick(TITLES)), random.timestamp()]);
  }
  return [branches, commits, tasks];
}

function workItemTables(random: Random, count: number): SeedTables {
  const columns = [
    'id',
    'version',
    'item_type',
    'title',
    'description',
    'status',
    'parent_id',
    'depth',
    'branch_name',
    'commit_hash',
    'pull_request',
    'metadata',
    'created_by',
    'created_at',
    'updated_at',
    'deleted_at',
  ];
  const items: TableRows = { table: 'work_items', columns, rows: [] };
  const dependencies: TableRows = {
    table: 'work_item_dependencies',
    columns: ['source_id', 'target_id', 'dependency_type', 'created_by', 'created_at'],
    rows: [],
  };
  const add = (parent: string | null, depth: number): void => {
    const level = LEVELS[depth];
    if (level === undefined) return;
    for (let i = 0; i < level.each; i++) {
      const id = random.uuid();
      const metadata = JSON.stringify({
        order: i,
        ratio: random.below(1000) / 7,
        nested: { tags: ['a"b', null, true] },
      });
      const status = random.pick(['active', 'completed', 'blocked']);
      const row = [
        id,
        String(1 + random.below(9)),
        level.type,
        random.pick(TITLES),
        maybe(random, random.pick(TITLES)),
        status,
        parent,
        String(depth),
      ];
      row.push(
        maybe(random, 'main'),
        maybe(random, random.hex(40)),
        maybe(random, String(random.below(5000))),
        metadata,
        random.pick(PEOPLE),
      );
      row.push(random.timestamp(), random.timestamp(), random.chance(0.2) ? random.timestamp() : null);
      add(id, depth + 1);
      items.rows.push(row);
      if (parent !== null && random.chance(0.3))
        dependencies.rows.push([
          id,
          parent,
          random.pick(['blocks', 'depends_on']),
          random.pick(PEOPLE),
          random.timestamp(),
        ]);
    }
  };
  for (let i = 0; i < count; i++) add(null, 0);
  return [dependencies, items];
}

function deploymentTables(random: Random, count: number): SeedTables {
  const vendors: TableRows = {
    table: 'vendors',
    columns: [
      'id',
      'version',
      'name',
      'status',
      'extractor_version',
      'metadata',
      'created_by',
      'created_at',
      'updated_at',
    ],
    rows: [],
  };
  const results: TableRows = {
    table: 'vendor_test_results',
    columns: ['id', 'vendor_id', 'test_name', 'passed', 'duration_ms', 'details', 'executed_at'],
    rows: [],
  };
  const deployments: TableRows = {
    table: 'deployments',
    columns: ['id', 'deployed_at', 'pull_request', 'title', 'commit_hash', 'metadata', 'created_by', 'created_at'],
    rows: [],
  };
  const links: TableRows = {
    table: 'deployment_vendors',
    columns: ['deployment_id', 'vendor_id', 'created_at'],
    rows: [],
  };
  for (let i = 0; i < count; i++) {
    const vendor = random.uuid();
    const deployment = random.uuid();
    vendors.rows.push([
      vendor,
      '1',
      `Vendor ${i + 1} GmbH & Söhne`,
      random.pick(['operational', 'broken']),
      `${random.below(9)}.${random.below(9)}.0`,
      '{"formats": ["pdf", "edi"]}',
      random.pick(PEOPLE),
      random.timestamp(),
      random.timestamp(),
    ]);
    for (let test = 1; test <= 3; test++) {
      results.rows.push([
        String(3 * i + test),
        vendor,
        `extracts page ${test}`,
        String(random.chance(0.9)),
        maybe(random, String(random.below(90_000))),
        maybe(random, 'null'),
        random.timestamp(),
      ]);
    }
    deployments.rows.push([
      deployment,
      random.timestamp(),
      String(1 + random.below(9000)),
      random.pick(TITLES),
      random.hex(12),
      '{}',
      random.pick(PEOPLE),
      random.timestamp(),
    ]);
    links.rows.push([deployment, vendor, random.timestamp()]);
  }
  return [links, results, deployments, vendors];
}

function maybe(random: Random, value: string): string | null {
  return random.chance(0.3) ? null : value;
}
