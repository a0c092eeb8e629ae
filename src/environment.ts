// Every environment variable that is read. On its own, because `--help` prints it and must not load the rest.

/** Name → meaning; `--help` and the README print this table. */
export const ENVIRONMENT = {
  CODEBASE_MCP_DATA_DIR: 'directory of the embedded database (default: the platform’s data directory)',
  DATABASE_URL: 'PostgreSQL to use instead of the embedded database, postgres://user:password@host:5432/name',
  CODEBASE_MCP_ISOLATION:
    'on a PostgreSQL server: database (one per project) or shared (one for all; default: see docs/scaling.md)',
  CODEBASE_MCP_MAX_PROJECTS: 'projects with open connections at a time, with a database per project (default 10)',
  CODEBASE_MCP_MAX_CONNECTIONS_PER_POOL:
    'connections of a project (default 20, fewer where the server has not as many)',
  CODEBASE_MCP_EMBEDDER: 'static (default: the model in the package), ollama, or a directory with a Model2Vec model',
  OLLAMA_BASE_URL: 'where Ollama listens (default http://127.0.0.1:11434)',
  CODEBASE_MCP_OLLAMA_MODEL: 'Ollama’s embedding model (default nomic-embed-text)',
  CODEBASE_MCP_LOG_FILE: 'log file, JSON lines (default: codebase-mcp.log in the temporary directory)',
  CODEBASE_MCP_MIGRATION_LOG_FILE: 'log of schema changes (default: codebase-mcp-migration.log there)',
  CODEBASE_MCP_OWNER_IDLE_SECONDS: 'how long the process that holds the embedded database stays unused (default 600)',
  CODEBASE_MCP_TOKEN_FILE: 'tokens of the HTTP server (default: tokens.json in the platform’s configuration directory)',
  CODEBASE_MCP_CONFORMANCE_FIXTURES: 'module with the fixtures of the protocol’s conformance suite; for tests',
} as const;
