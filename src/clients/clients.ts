// The coding assistants that `install` knows: where each keeps its servers on this system, and how it writes one down.
import { join, resolve } from 'node:path';

/** Absolute paths of the program that the client is to start. */
export interface Launch {
  readonly node: string;
  readonly main: string;
}

/** Where the person's files are, and of which system. */
export interface Place {
  readonly home: string;
  readonly platform: NodeJS.Platform;
  /** CODEX_HOME, where Codex keeps its files; undefined means below the home directory. */
  readonly codexHome?: string | undefined;
}

export interface Client {
  readonly name: string;
  readonly title: string;
  readonly format: 'json' | 'toml';
  /** Directory that is there when the client is. */
  readonly directory: (place: Place) => string;
  /** Absolute path of the configuration. */
  readonly file: (place: Place) => string;
  /** Key under which the client lists its servers. */
  readonly servers: string;
  readonly entry: (launch: Launch) => Readonly<Record<string, unknown>>;
}

/** What the server is called in every client. */
export const SERVER_NAME = 'codebase';

const plain = ({ node, main }: Launch) => ({ command: node, args: [main, 'mcp'] });
const stdio = (launch: Launch) => ({ type: 'stdio', ...plain(launch) });
/** Editors start the server somewhere else, and fill in the folder that is open. */
const inWorkspace = ({ node, main }: Launch) => ({
  command: node,
  args: [main, 'mcp', '--repository', `$\{workspaceFolder}`],
});

/** Settings of desktop programs. */
function settings({ home, platform }: Place): string {
  if (platform === 'darwin') return join(home, 'Library', 'Application Support');
  return platform === 'win32' ? join(home, 'AppData', 'Roaming') : join(home, '.config');
}

type Row = Omit<Client, 'directory' | 'file' | 'format'> & Partial<Pick<Client, 'format'>>;

function client(row: Row, directory: Client['directory'], file: string, above = false): Client {
  const at = (place: Place) => (above ? join(directory(place), '..', file) : join(directory(place), file));
  return { format: 'json', ...row, directory, file: at };
}

const inHome =
  (...parts: readonly string[]) =>
  ({ home }: Place) =>
    join(home, ...parts);
const inSettings =
  (...parts: readonly string[]) =>
  (place: Place) =>
    join(settings(place), ...parts);

export const CLIENTS: readonly Client[] = [
  client(
    { name: 'claude', title: 'Claude Code', servers: 'mcpServers', entry: stdio },
    inHome('.claude'),
    '.claude.json',
    true,
  ),
  client(
    { name: 'claude-desktop', title: 'Claude Desktop', servers: 'mcpServers', entry: plain },
    inSettings('Claude'),
    'claude_desktop_config.json',
  ),
  client(
    { name: 'codex', title: 'Codex', format: 'toml', servers: 'mcp_servers', entry: plain },
    ({ home, codexHome }) => (codexHome === undefined ? join(home, '.codex') : resolve(codexHome)),
    'config.toml',
  ),
  client({ name: 'cursor', title: 'Cursor', servers: 'mcpServers', entry: inWorkspace }, inHome('.cursor'), 'mcp.json'),
  client(
    {
      name: 'vscode',
      title: 'VS Code',
      servers: 'servers',
      entry: (launch) => ({ type: 'stdio', ...inWorkspace(launch) }),
    },
    inSettings('Code', 'User'),
    'mcp.json',
  ),
  client(
    { name: 'gemini', title: 'Gemini CLI', servers: 'mcpServers', entry: plain },
    inHome('.gemini'),
    'settings.json',
  ),
  client(
    { name: 'windsurf', title: 'Windsurf', servers: 'mcpServers', entry: plain },
    inHome('.codeium', 'windsurf'),
    'mcp_config.json',
  ),
  client(
    {
      name: 'zed',
      title: 'Zed',
      servers: 'context_servers',
      entry: (launch) => ({ source: 'custom', ...plain(launch) }),
    },
    ({ home, platform }) =>
      platform === 'win32' ? join(home, 'AppData', 'Roaming', 'Zed') : join(home, '.config', 'zed'),
    'settings.json',
  ),
];
