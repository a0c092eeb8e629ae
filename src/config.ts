// Settings: flags over environment over defaults, read once, frozen. The only reader of process.env.
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { ENVIRONMENT } from './environment.js';
import { CodebaseError } from './errors.js';

const Url = z.url({ protocol: /^https?$/ });

export interface Config {
  /** Where the embedded database lives. */
  readonly dataDirectory: string;
  /** A PostgreSQL connection URL; undefined means the embedded engine. */
  readonly databaseUrl: string | undefined;
  readonly server: ServerConfig;
  readonly embedder: { readonly provider: 'static' } | Model2VecConfig | OllamaConfig;
  readonly logFile: string;
  readonly migrationLogFile: string;
  /** Where the bearer tokens of the HTTP server are kept, as hashes. */
  readonly tokenFile: string;
  /** A module whose `register` adds to every HTTP server what the protocol's conformance suite asks for. */
  readonly conformanceFixtures: string | undefined;
  /** How long the process that holds the embedded database stays without a client or a job. */
  readonly ownerIdleSeconds: number;
}

/** How projects share a PostgreSQL server. */
export interface ServerConfig {
  /** A database per project, or one for all; undefined decides by what is there (database/isolation.ts). */
  readonly isolation: Isolation | undefined;
  /** Projects with open connections at a time. */
  readonly maxProjects: number;
  /** Connections of one project; undefined is 20, or what the server has room for. */
  readonly maxConnectionsPerPool: number | undefined;
}

const ISOLATIONS = ['database', 'shared'] as const;
export type Isolation = (typeof ISOLATIONS)[number];

export interface Model2VecConfig {
  readonly provider: 'model2vec';
  /** Absolute path. */
  readonly directory: string;
}

export interface OllamaConfig {
  readonly provider: 'ollama';
  readonly baseUrl: string;
  readonly model: string;
}

export interface Flags {
  readonly dataDir?: string | undefined;
  readonly databaseUrl?: string | undefined;
  readonly embedder?: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

export function loadConfig(flags: Flags = {}, env: Environment = process.env): Config {
  const set = (name: keyof typeof ENVIRONMENT): string | undefined => env[name] || undefined;
  return Object.freeze({
    dataDirectory: resolve(flags.dataDir ?? set('CODEBASE_MCP_DATA_DIR') ?? platformDataDirectory(env)),
    databaseUrl: checkDatabaseUrl(flags.databaseUrl ?? set('DATABASE_URL')),
    server: Object.freeze({
      isolation: isolation(set('CODEBASE_MCP_ISOLATION')),
      maxProjects: wholeNumber('CODEBASE_MCP_MAX_PROJECTS', set('CODEBASE_MCP_MAX_PROJECTS') ?? '10', 1, 1000),
      maxConnectionsPerPool: connectionsPerPool(set('CODEBASE_MCP_MAX_CONNECTIONS_PER_POOL')),
    }),
    embedder: embedderConfig(
      flags.embedder ?? set('CODEBASE_MCP_EMBEDDER') ?? 'static',
      set('OLLAMA_BASE_URL') ?? 'http://127.0.0.1:11434',
      set('CODEBASE_MCP_OLLAMA_MODEL') ?? 'nomic-embed-text',
    ),
    logFile: set('CODEBASE_MCP_LOG_FILE') ?? join(tmpdir(), 'codebase-mcp.log'),
    migrationLogFile: set('CODEBASE_MCP_MIGRATION_LOG_FILE') ?? join(tmpdir(), 'codebase-mcp-migration.log'),
    tokenFile: resolve(set('CODEBASE_MCP_TOKEN_FILE') ?? join(platformConfigDirectory(env), 'tokens.json')),
    conformanceFixtures: set('CODEBASE_MCP_CONFORMANCE_FIXTURES'),
    ownerIdleSeconds: idleSeconds(set('CODEBASE_MCP_OWNER_IDLE_SECONDS') ?? '600'),
  });
}

/** A variable that is not ours: another program's, or one whose name the user gave for a secret that is kept nowhere else. */
export function loadVariable(name: string, env: Environment = process.env): string | undefined {
  return env[name] || undefined;
}

/** The environment in which `loadConfig` gives the same configuration again: that of the owner process. */
export function environmentOf(config: Config, env: Environment = process.env): Environment {
  const { embedder } = config;
  const settings = {
    CODEBASE_MCP_DATA_DIR: config.dataDirectory,
    DATABASE_URL: config.databaseUrl,
    CODEBASE_MCP_ISOLATION: config.server.isolation,
    CODEBASE_MCP_MAX_PROJECTS: String(config.server.maxProjects),
    CODEBASE_MCP_MAX_CONNECTIONS_PER_POOL: config.server.maxConnectionsPerPool?.toString(),
    CODEBASE_MCP_EMBEDDER: embedder.provider === 'model2vec' ? embedder.directory : embedder.provider,
    ...(embedder.provider === 'ollama' && {
      OLLAMA_BASE_URL: embedder.baseUrl,
      CODEBASE_MCP_OLLAMA_MODEL: embedder.model,
    }),
    CODEBASE_MCP_LOG_FILE: resolve(config.logFile),
    CODEBASE_MCP_MIGRATION_LOG_FILE: resolve(config.migrationLogFile),
    CODEBASE_MCP_OWNER_IDLE_SECONDS: String(config.ownerIdleSeconds),
  } satisfies { readonly [name in keyof typeof ENVIRONMENT]?: string | undefined };
  const inherited = Object.entries(env).filter(([name]) => !OF_ONE_REPOSITORY.test(name));
  return { ...Object.fromEntries(inherited), ...settings };
}

/** What git tells its hooks about their repository: a process that outlives the hook would take every other for that one. */
const OF_ONE_REPOSITORY =
  /^GIT_(DIR|WORK_TREE|INDEX_FILE|PREFIX|COMMON_DIR|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|NAMESPACE)$/;

/** A week at most, because a timer cannot wait for longer than 24 days. */
const MAX_IDLE_SECONDS = 604_800;

function idleSeconds(text: string): number {
  const seconds = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && seconds >= 0.1 && seconds <= MAX_IDLE_SECONDS) return seconds;
  throw new CodebaseError(
    'invalid_input',
    `CODEBASE_MCP_OWNER_IDLE_SECONDS "${text}" must be a number from 0.1 to ${MAX_IDLE_SECONDS}; the default is 600.`,
  );
}

function isolation(text: string | undefined): Isolation | undefined {
  const found = ISOLATIONS.find((known) => known === text);
  if (text === undefined || found !== undefined) return found;
  throw new CodebaseError(
    'invalid_input',
    `CODEBASE_MCP_ISOLATION "${text}" must be ${ISOLATIONS.join(' or ')}; unset, it is decided by what the server holds.`,
  );
}

function connectionsPerPool(text: string | undefined): number | undefined {
  return text === undefined ? undefined : wholeNumber('CODEBASE_MCP_MAX_CONNECTIONS_PER_POOL', text, 2, 1000);
}

function wholeNumber(name: keyof typeof ENVIRONMENT, text: string, least: number, most: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw new CodebaseError('invalid_input', `${name} "${text}" must be a whole number from ${least} to ${most}.`);
}

function platformDataDirectory(env: Environment): string {
  const home = homedir();
  if (process.platform === 'darwin') return join(home, 'Library', 'Application Support', 'codebase-mcp');
  if (process.platform === 'win32') return join(env['LOCALAPPDATA'] || join(home, 'AppData', 'Local'), 'codebase-mcp');
  return join(env['XDG_DATA_HOME'] || join(home, '.local', 'share'), 'codebase-mcp');
}

function platformConfigDirectory(env: Environment): string {
  const home = homedir();
  if (process.platform === 'darwin') return join(home, 'Library', 'Preferences', 'codebase-mcp');
  if (process.platform === 'win32') return join(env['APPDATA'] || join(home, 'AppData', 'Roaming'), 'codebase-mcp');
  return join(env['XDG_CONFIG_HOME'] || join(home, '.config'), 'codebase-mcp');
}

function checkDatabaseUrl(url: string | undefined): string | undefined {
  if (url === undefined || /^postgres(ql)?:\/\/./.test(url)) return url;
  // The value is not repeated: it may hold a password.
  throw new CodebaseError(
    'invalid_input',
    'DATABASE_URL is not a PostgreSQL URL; it must look like postgres://user:password@host:5432/name, or be unset for the embedded database.',
  );
}

function embedderConfig(provider: string, baseUrl: string, model: string): Config['embedder'] {
  if (provider === 'static') return { provider };
  if (/[\\/]/.test(provider)) return { provider: 'model2vec', directory: resolve(provider) };
  if (provider !== 'ollama') {
    throw new CodebaseError(
      'invalid_input',
      `Unknown embedder "${provider}" in CODEBASE_MCP_EMBEDDER; use static, ollama or the path of a Model2Vec directory.`,
    );
  }
  if (!Url.safeParse(baseUrl).success) {
    throw new CodebaseError(
      'invalid_input',
      `OLLAMA_BASE_URL "${baseUrl}" is not an http(s) URL; the default is http://127.0.0.1:11434.`,
    );
  }
  return { provider, baseUrl: baseUrl.replace(/\/+$/, ''), model };
}
