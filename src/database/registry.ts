// The registry: which projects there are and where each lives, in the database that DATABASE_URL names. What it says of this
// server can be compared with the databases that are there, because each carries a mark of the registry it belongs to.
import { type Kysely, sql } from 'kysely';
import type { ProjectId } from '../project.js';
import type { Tables } from './tables.js';

export interface RegisteredProject {
  readonly id: ProjectId;
  /** Where the connection URL is found, `env:NAME` or `file:/path`; null is a database on the registry's own server. */
  readonly connection: string | null;
}

interface RegistryTables extends Tables {
  codebase_registry: { id: string };
  codebase_projects: { project_id: string; connection: string | null };
}

/** One transaction and one lock: two programs that start at once make one registry. */
const MAKE = [
  "SELECT pg_advisory_xact_lock(hashtextextended('codebase-mcp registry', 0))",
  'CREATE TABLE IF NOT EXISTS codebase_registry (id uuid NOT NULL DEFAULT gen_random_uuid())',
  'INSERT INTO codebase_registry SELECT gen_random_uuid() WHERE NOT EXISTS (SELECT FROM codebase_registry)',
  `CREATE TABLE IF NOT EXISTS codebase_projects (
  project_id text PRIMARY KEY CHECK (project_id ~ '^[a-z0-9-]{1,50}$'),
  connection text CHECK (connection ~ '^(env:[A-Za-z_][A-Za-z0-9_]*|file:/.+)$'),
  created_at timestamptz NOT NULL DEFAULT now()
)`,
];

export async function registryExists(db: Kysely<Tables>): Promise<boolean> {
  const { rows } = await sql<{ there: boolean }>`SELECT to_regclass('codebase_projects') IS NOT NULL AS there`.execute(
    db,
  );
  return rows[0]?.there ?? false;
}

export class Registry {
  readonly db: Kysely<RegistryTables>;
  /** Names this registry in the marks of its databases. */
  readonly id: string;
  /** The last change that this process began. */
  private changing: Promise<unknown> = Promise.resolve();

  private constructor(db: Kysely<RegistryTables>, id: string) {
    this.db = db;
    this.id = id;
  }

  /** Makes the registry where there is none. */
  static async open(tables: Kysely<Tables>): Promise<Registry> {
    const db = tables.withTables<Omit<RegistryTables, keyof Tables>>();
    if (!(await registryExists(tables))) {
      await db.transaction().execute(async (tx) => {
        for (const text of MAKE) await sql.raw(text).execute(tx);
      });
    }
    const { id } = await db.selectFrom('codebase_registry').select('id').executeTakeFirstOrThrow();
    return new Registry(db, id);
  }

  async list(): Promise<readonly RegisteredProject[]> {
    const rows = await db(this).select(['project_id', 'connection']).orderBy('project_id').execute();
    return rows.map(asProject);
  }

  async find(project: ProjectId): Promise<RegisteredProject | undefined> {
    const row = await db(this)
      .select(['project_id', 'connection'])
      .where('project_id', '=', project)
      .executeTakeFirst();
    return row && asProject(row);
  }

  async add(project: ProjectId, connection: string | null = null): Promise<void> {
    await this.db
      .insertInto('codebase_projects')
      .values({ project_id: project, connection })
      .onConflict((on) => on.column('project_id').doUpdateSet({ connection }))
      .execute();
  }

  async rename(project: ProjectId, to: ProjectId): Promise<void> {
    await this.db.updateTable('codebase_projects').set({ project_id: to }).where('project_id', '=', project).execute();
  }

  async remove(project: ProjectId): Promise<void> {
    await this.db.deleteFrom('codebase_projects').where('project_id', '=', project).execute();
  }

  /**
   * Runs `work` while nobody else makes, renames or removes one of the projects: in this process one after the other, because
   * each holds a connection and needs a second.
   */
  async locked<T>(projects: readonly ProjectId[], work: () => Promise<T>): Promise<T> {
    const mine = this.changing.then(() => this.lockedAmongPrograms(projects, work));
    this.changing = mine.catch(() => {});
    return await mine;
  }

  private async lockedAmongPrograms<T>(projects: readonly ProjectId[], work: () => Promise<T>): Promise<T> {
    return await this.db.connection().execute(async (connection) => {
      const keys = [...projects].sort().map((project) => `codebase-mcp project ${project}`);
      try {
        for (const key of keys) await sql`SELECT pg_advisory_lock(hashtextextended(${key}, 0))`.execute(connection);
        return await work();
      } finally {
        // A connection that broke has let go of them already.
        await sql`SELECT pg_advisory_unlock_all()`.execute(connection).catch(() => {});
      }
    });
  }
}

function db(registry: Registry) {
  return registry.db.selectFrom('codebase_projects');
}

function asProject(row: { project_id: string; connection: string | null }): RegisteredProject {
  return { id: row.project_id as ProjectId, connection: row.connection };
}
