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
  readonly embedder: { readonly provider: 'static' } | OllamaConfig;
  readonly logFile: string;
  readonly migrationLogFile: string;
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
    embedder: embedderConfig(
      flags.embedder ?? set('CODEBASE_MCP_EMBEDDER') ?? 'static',
      set('OLLAMA_BASE_URL') ?? 'http://127.0.0.1:11434',
      set('CODEBASE_MCP_OLLAMA_MODEL') ?? 'nomic-embed-text',
    ),
    logFile: set('CODEBASE_MCP_LOG_FILE') ?? join(tmpdir(), 'codebase-mcp.log'),
    migrationLogFile: set('CODEBASE_MCP_MIGRATION_LOG_FILE') ?? join(tmpdir(), 'codebase-mcp-migration.log'),
  });
}

function platformDataDirectory(env: Environment): string {
  const home = homedir();
  if (process.platform === 'darwin') return join(home, 'Library', 'Application Support', 'codebase-mcp');
  if (process.platform === 'win32') return join(env['LOCALAPPDATA'] || join(home, 'AppData', 'Local'), 'codebase-mcp');
  return join(env['XDG_DATA_HOME'] || join(home, '.local', 'share'), 'codebase-mcp');
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
  if (provider !== 'ollama') {
    throw new CodebaseError(
      'invalid_input',
      `Unknown embedder "${provider}" in CODEBASE_MCP_EMBEDDER; use static or ollama.`,
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
