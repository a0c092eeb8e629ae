// The Inspector's command line as a client: each question is a process of its own that connects, asks and ends.
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import type { Setting } from '../cli/command.js';

const INSPECTOR = createRequire(import.meta.url).resolve('@modelcontextprotocol/inspector-cli/build/index.js');
/** Outside of the Inspector's own package it finds its package.json only from here. */
const cwd = dirname(INSPECTOR);

export interface Inspector {
  listTools(): Promise<{ tools: { name: string }[] }>;
  callTool(request: { name: string; arguments: Record<string, unknown> }): Promise<object>;
  close(): Promise<void>;
}

/** `target`: the address of a server, or the command that starts one. */
export function inspector({ env }: Setting, ...target: readonly string[]): Inspector {
  const ask = async (method: string, ...rest: readonly string[]) => {
    const args = [INSPECTOR, ...target, '--method', method, ...rest];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env, cwd, maxBuffer: 16_777_216 });
    return JSON.parse(stdout);
  };
  return {
    listTools: () => ask('tools/list'),
    callTool: ({ name, arguments: values }) => {
      const pairs = Object.entries(values).map(([argument, value]) => `${argument}=${value}`);
      return ask('tools/call', '--tool-name', name, ...(pairs.length === 0 ? [] : ['--tool-arg', ...pairs]));
    },
    close: async () => {},
  };
}
