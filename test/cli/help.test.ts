// The words of `--help`, whole, so that a change of them is seen.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshSetting, run, type Setting } from './command.js';

let setting: Setting & { remove: () => Promise<void> };
beforeAll(async () => {
  setting = await freshSetting();
});
afterAll(() => setting.remove());

const help = async (...command: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await run(setting, ...command, '--help');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
};

test('codebase-mcp --help', async () => {
  expect(await help()).toMatchInlineSnapshot(`
    "Usage: codebase-mcp [options] [command]

    Finds the code that does something, in any repository, for people and coding assistants.

    Options:
      -V, --version                    output the version number
      --data-dir <path>                directory of the embedded database
      --database-url <url>             PostgreSQL to use instead of the embedded database
      --embedder <name>                static (the model in the package), ollama, or a Model2Vec
                                       directory
      -h, --help                       display help for command

    Commands:
      index [options] [path]           Index a repository, or bring its index up to date
      search [options] <query...>      Find the code that does something; a repository that was never
                                       indexed is indexed first
      related [options] <file[:line]>  Find code like that of a function or file; its repository is
                                       indexed first if it never was
      status [options] [path]          What is indexed, what was skipped and why, which jobs run
      projects                         The projects: how much each holds, and to add, move, remove or
                                       rename one
      remove [options] <path>          Remove a repository from the index; its files on disk are not
                                       touched
      languages [options]              The languages that are told apart: their files, and how these are
                                       cut
      db [options]                     The database’s schema: upgrade, downgrade, check, back up,
                                       restore
      doctor [options]                 Compare the registry of a PostgreSQL server with the databases of
                                       its projects
      mcp [options]                    Serve MCP over stdin and stdout, for coding assistants
      install [options] [client...]    Add this server to the configuration of coding assistants, or
                                       take it out
      serve [options]                  Serve MCP over HTTP, for many clients at once
      token                            Bearer tokens of the HTTP server: create, list, revoke
      help [command]                   display help for command

    Environment:
      CODEBASE_MCP_DATA_DIR                  directory of the embedded database (default: the platform’s data directory)
      DATABASE_URL                           PostgreSQL to use instead of the embedded database, postgres://user:password@host:5432/name
      CODEBASE_MCP_ISOLATION                 on a PostgreSQL server: database (one per project) or shared (one for all; default: see docs/scaling.md)
      CODEBASE_MCP_MAX_PROJECTS              projects with open connections at a time, with a database per project (default 10)
      CODEBASE_MCP_MAX_CONNECTIONS_PER_POOL  connections of a project (default 20, fewer where the server has not as many)
      CODEBASE_MCP_EMBEDDER                  static (default: the model in the package), ollama, or a directory with a Model2Vec model
      OLLAMA_BASE_URL                        where Ollama listens (default http://127.0.0.1:11434)
      CODEBASE_MCP_OLLAMA_MODEL              Ollama’s embedding model (default nomic-embed-text)
      CODEBASE_MCP_LOG_FILE                  log file, JSON lines (default: codebase-mcp.log in the temporary directory)
      CODEBASE_MCP_MIGRATION_LOG_FILE        log of schema changes (default: codebase-mcp-migration.log there)
      CODEBASE_MCP_OWNER_IDLE_SECONDS        how long the process that holds the embedded database stays unused (default 600)
      CODEBASE_MCP_TOKEN_FILE                tokens of the HTTP server (default: tokens.json in the platform’s configuration directory)
      CODEBASE_MCP_CONFORMANCE_FIXTURES      module with the fixtures of the protocol’s conformance suite; for tests
    "
  `);
});

test('index --help', async () => {
  expect(await help('index')).toMatchInlineSnapshot(`
    "Usage: codebase-mcp index [options] [path]

    Index a repository, or bring its index up to date

    Arguments:
      path                  directory of the repository (default: the git repository of the working
                            directory)

    Options:
      --dry-run             show what would be indexed and what left out; nothing is written
      --project <id>        project: lower-case letters, digits and hyphens (default: default)
      --json                print the answer as JSON
      -h, --help            display help for command

    Global Options:
      -V, --version         output the version number
      --data-dir <path>     directory of the embedded database
      --database-url <url>  PostgreSQL to use instead of the embedded database
      --embedder <name>     static (the model in the package), ollama, or a Model2Vec directory
    "
  `);
});

test('search --help', async () => {
  expect(await help('search')).toMatchInlineSnapshot(`
    "Usage: codebase-mcp search [options] <query...>

    Find the code that does something; a repository that was never indexed is indexed first

    Arguments:
      query                  what the code does in plain words, a symbol, or a path

    Options:
      --repository <path>    repository to search (default: that of the working directory, if --project
                             has it)
      --all                  search every repository of the project
      --path-glob <glob>     only files whose path matches; !glob excludes (repeatable)
      --language <name>      only files in this language (repeatable)
      --limit <files>        files to show, best first (default: 10)
      --max-tokens <tokens>  approximate size limit of the answer (default: 6000)
      --detail <detail>      of each place: paths, signatures or code (default: code)
      --explain              show what each signal of the ranking adds to the score of each file
      --project <ids>        project, or several of them with commas between (default: default)
      --all-projects         search every repository of every project
      --json                 print the answer as JSON
      -h, --help             display help for command

    Global Options:
      -V, --version          output the version number
      --data-dir <path>      directory of the embedded database
      --database-url <url>   PostgreSQL to use instead of the embedded database
      --embedder <name>      static (the model in the package), ollama, or a Model2Vec directory

    Examples:
      codebase-mcp search where are database connections pooled
      codebase-mcp search parseConfig --language typescript --path-glob 'src/**' --limit 5
      codebase-mcp search retry with backoff --all --json
    "
  `);
});

test('status --help', async () => {
  expect(await help('status')).toMatchInlineSnapshot(`
    "Usage: codebase-mcp status [options] [path]

    What is indexed, what was skipped and why, which jobs run

    Arguments:
      path                  only the repository that holds this path

    Options:
      --project <id>        project: lower-case letters, digits and hyphens (default: default)
      --json                print the answer as JSON
      -h, --help            display help for command

    Global Options:
      -V, --version         output the version number
      --data-dir <path>     directory of the embedded database
      --database-url <url>  PostgreSQL to use instead of the embedded database
      --embedder <name>     static (the model in the package), ollama, or a Model2Vec directory
    "
  `);
});

test('projects --help', async () => {
  expect(await help('projects')).toMatchInlineSnapshot(`
    "Usage: codebase-mcp projects [options] [command]

    The projects: how much each holds, and to add, move, remove or rename one

    Options:
      -h, --help                       display help for command

    Global Options:
      -V, --version                    output the version number
      --data-dir <path>                directory of the embedded database
      --database-url <url>             PostgreSQL to use instead of the embedded database
      --embedder <name>                static (the model in the package), ollama, or a Model2Vec
                                       directory

    Commands:
      list [options]                   The projects and how much each holds
      show [options] <project>         The repositories of a project and its jobs
      add [options] <project>          Name the database of a project that is not there yet; its first
                                       index goes there
      move [options] <project>         Move a project with its data to another database, and compare
                                       counts and checksums; its jobs are cancelled
      remove [options] <project>       Cancel the jobs of a project and remove all that is indexed in
                                       it; no file on disk is touched
      rename [options] <project> <to>  Give a project another id; its jobs are cancelled
      help [command]                   display help for command
    "
  `);
});

test('remove --help', async () => {
  expect(await help('remove')).toMatchInlineSnapshot(`
    "Usage: codebase-mcp remove [options] <path>

    Remove a repository from the index; its files on disk are not touched

    Arguments:
      path                  directory of the repository; it need not exist any more

    Options:
      --project <id>        project: lower-case letters, digits and hyphens (default: default)
      --json                print the answer as JSON
      -h, --help            display help for command

    Global Options:
      -V, --version         output the version number
      --data-dir <path>     directory of the embedded database
      --database-url <url>  PostgreSQL to use instead of the embedded database
      --embedder <name>     static (the model in the package), ollama, or a Model2Vec directory
    "
  `);
});

test('mcp --help', async () => {
  expect(await help('mcp')).toMatchInlineSnapshot(`
    "Usage: codebase-mcp mcp [options]

    Serve MCP over stdin and stdout, for coding assistants

    Options:
      --repository <path>   repository that tools use when a call names none (default: the one of the
                            working directory)
      -h, --help            display help for command

    Global Options:
      -V, --version         output the version number
      --data-dir <path>     directory of the embedded database
      --database-url <url>  PostgreSQL to use instead of the embedded database
      --embedder <name>     static (the model in the package), ollama, or a Model2Vec directory
    "
  `);
});

test('--version is the one in package.json', async () => {
  const { default: manifest } = await import('../../package.json', { with: { type: 'json' } });
  const { code, stdout } = await run(setting, '--version');
  expect({ code, stdout }).toEqual({ code: 0, stdout: `${manifest.version}\n` });
});
