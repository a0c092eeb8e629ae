// Real processes that hold a database, for tests that kill them.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface Holder {
  readonly child: ChildProcess;
  /** The first line it prints: "open", "done" when its statement is committed, or "<code> <message>" of what refused it. */
  readonly said: Promise<string>;
  kill(): Promise<void>;
}

const SCRIPT = `
import { sql } from 'kysely';
import { openDatabase } from '#src/database/database.js';
import { loadConfig } from '#src/config.js';
const [dataDir, statement] = process.argv.slice(1);
try {
  const { allProjects: db } = await openDatabase(loadConfig({ dataDir }, {}), { holder: 'codebase-mcp mcp' });
  if (statement) await sql.raw(statement).execute(db);
  console.log(statement ? 'done' : 'open');
  setInterval(() => {}, 1000);
} catch (error) {
  console.log(error.code + ' ' + error.message);
}
`;

/** Opens the embedded database of a directory in a process of its own, runs `statement` there, and stays. */
export function startHolder(dataDirectory: string, statement = '', options: { uid?: number } = {}): Holder {
  const child = spawn(process.execPath, ['--input-type=module', '-e', SCRIPT, dataDirectory, statement], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...options,
  });
  const said = new Promise<string>((resolve) => {
    createInterface(child.stdout)
      .once('line', resolve)
      .once('close', () => resolve('ended'));
  });
  return {
    child,
    said,
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}
