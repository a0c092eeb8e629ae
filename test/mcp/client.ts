// A real MCP client that talks over stdio to the built server.
import { Client, type ElicitResult, type VersionNegotiationMode } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import type { Setting } from '../cli/command.js';

export type Era = 'legacy' | 'modern';

export const MODES: Readonly<Record<Era, VersionNegotiationMode>> = { legacy: 'legacy', modern: { pin: '2026-07-28' } };

export async function connect(setting: Setting, era: Era, ...args: readonly string[]): Promise<Client> {
  const client = new Client({ name: 'test', version: '0' }, { versionNegotiation: { mode: MODES[era] } });
  await attach(client, setting, ...args);
  return client;
}

/** A client that shows the server's questions to a person, who answers `answer`. */
export async function connectWithPerson(
  setting: Setting,
  era: Era,
  answer: ElicitResult,
): Promise<{ client: Client; questions: readonly string[] }> {
  const questions: string[] = [];
  const options = { capabilities: { elicitation: { form: {} } }, versionNegotiation: { mode: MODES[era] } };
  const client = new Client({ name: 'test', version: '0' }, options);
  client.setRequestHandler('elicitation/create', async ({ params }) => {
    questions.push(params.message);
    return answer;
  });
  await attach(client, setting);
  return { client, questions };
}

async function attach(client: Client, setting: Setting, ...args: readonly string[]): Promise<void> {
  const env = Object.fromEntries(Object.entries(setting.env).flatMap(([k, v]) => (v === undefined ? [] : [[k, v]])));
  const command = { command: process.execPath, args: [setting.main, 'mcp', ...args], cwd: setting.cwd, env };
  await client.connect(new StdioClientTransport({ ...command, stderr: 'inherit' }));
}

export interface ToolAnswer {
  readonly text: string;
  readonly structured: Record<string, unknown> | undefined;
  readonly isError: boolean;
}

export async function call(client: Client, name: string, args: Record<string, unknown> = {}): Promise<ToolAnswer> {
  const result = await client.callTool({ name, arguments: args });
  const text = result.content.map((block) => (block.type === 'text' ? block.text : '')).join('\n');
  return { text, structured: result.structuredContent as ToolAnswer['structured'], isError: result.isError === true };
}
