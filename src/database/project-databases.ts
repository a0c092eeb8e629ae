// The databases of projects on a server: `codebase_<project>`, each made whole or not at all, and marked with the registry it
// belongs to. A draft gets its name only when its schema is complete.
import { createHash } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { CodebaseError } from '../errors.js';
import type { ProjectId } from '../project.js';
import { SQLSTATE } from './sqlstates.js';
import type { Tables } from './tables.js';

const PREFIX = 'codebase_';
const MARK = /^codebase-mcp project (\S+) of registry /;
/** No project id has an underscore, so that a draft is never the database of a project. */
const DRAFT_PREFIX = `${PREFIX}new_`;

/** A database on the server that carries the registry's mark, or that is a draft of it. */
export interface ProjectDatabase {
  readonly name: string;
  /** Null for a draft. */
  readonly project: ProjectId | null;
  /** The project of which it is the database, or the draft. */
  readonly meantFor: ProjectId;
  readonly bytes: number;
}

/** The names that PostgreSQL has for a project's database, at most 63 bytes. */
export function databaseName(project: ProjectId): string {
  return PREFIX + project;
}

/** The URL of another database on the same server. */
export function urlWithDatabase(url: string, database: string): string {
  const other = new URL(url);
  other.pathname = `/${database}`;
  return other.href;
}

export class ProjectDatabases {
  private readonly db: Kysely<Tables>;
  private readonly registryId: string;

  /** `db`: the registry's. */
  constructor(db: Kysely<Tables>, registryId: string) {
    this.db = db;
    this.registryId = registryId;
  }

  /** The database of the project, or undefined. Throws when one of that name is somebody else's. */
  async find(project: ProjectId): Promise<ProjectDatabase | undefined> {
    const name = databaseName(project);
    const { rows } = await sql<{ mark: string | null; bytes: number }>`
      SELECT shobj_description(oid, 'pg_database') AS mark, pg_database_size(oid)::float8 AS bytes
      FROM pg_database WHERE datname = ${name}`.execute(this.db);
    const [row] = rows;
    if (row === undefined) return undefined;
    if (row.mark === this.mark(project)) return { name, project, meantFor: project, bytes: row.bytes };
    throw new CodebaseError(
      'in_use',
      `The database ${name} is there already and belongs to ${row.mark ?? 'nobody we know'}; choose another project id, or drop or rename that database.`,
    );
  }

  /** All databases of the registry, and its drafts. */
  async list(): Promise<readonly ProjectDatabase[]> {
    const { rows } = await sql<{ name: string; mark: string | null; bytes: number }>`
      SELECT datname AS name, shobj_description(oid, 'pg_database') AS mark, pg_database_size(oid)::float8 AS bytes
      FROM pg_database WHERE starts_with(datname, ${PREFIX}) ORDER BY datname`.execute(this.db);
    return rows.flatMap(({ name, mark, bytes }) => {
      const project = name.slice(PREFIX.length) as ProjectId;
      if (mark === this.mark(project)) return { name, project, meantFor: project, bytes };
      const meantFor = MARK.exec(mark ?? '')?.[1] as ProjectId | undefined;
      if (!name.startsWith(DRAFT_PREFIX) || meantFor === undefined || mark !== this.mark(meantFor)) return [];
      return { name, project: null, meantFor, bytes };
    });
  }

  /** `fill` makes the schema in the draft of the given name. The project must be locked. */
  async create(project: ProjectId, fill: (draft: string) => Promise<void>): Promise<void> {
    const draft = this.draftName(project);
    await this.drop(draft); // of a program that died
    await sql`CREATE DATABASE ${sql.id(draft)}`.execute(this.db);
    try {
      await this.setMark(draft, project);
      await fill(draft);
      await this.moveTo(draft, databaseName(project));
    } catch (error) {
      await this.drop(draft).catch(() => {}); // the next creator or doctor does it
      throw error;
    }
  }

  /** Whoever is connected is cut off. */
  async drop(name: string): Promise<void> {
    await sql`DROP DATABASE IF EXISTS ${sql.id(name)} WITH (FORCE)`.execute(this.db);
  }

  /** Whoever is connected is cut off. Both projects must be locked. */
  async rename(project: ProjectId, to: ProjectId): Promise<void> {
    await this.moveTo(databaseName(project), databaseName(to));
    await this.setMark(databaseName(to), to);
  }

  /** A new connection may slip in between the two statements. */
  private async moveTo(from: string, to: string): Promise<void> {
    for (let tries = RENAME_TRIES; ; tries--) {
      await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ${from}`.execute(this.db);
      try {
        await sql`ALTER DATABASE ${sql.id(from)} RENAME TO ${sql.id(to)}`.execute(this.db);
        return;
      } catch (error) {
        if (tries === 0 || (error as { code?: string }).code !== SQLSTATE.objectInUse) throw error;
      }
    }
  }

  private async setMark(name: string, project: ProjectId): Promise<void> {
    await sql`COMMENT ON DATABASE ${sql.id(name)} IS ${sql.lit(this.mark(project))}`.execute(this.db);
  }

  private mark(project: ProjectId): string {
    return `codebase-mcp project ${project} of registry ${this.registryId}`;
  }

  private draftName(project: ProjectId): string {
    const hash = createHash('sha256').update(`${this.registryId} ${project}`).digest('hex');
    return DRAFT_PREFIX + hash.slice(0, 32);
  }
}

const RENAME_TRIES = 10;
