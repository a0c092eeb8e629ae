// `codebase-mcp doctor`: whether the registry of a server and its databases agree, or its shared database has a second wall.
import { Command } from 'commander';
import type { Io } from './io.js';
import { jsonOption } from './options.js';
import { configOf } from './session.js';

interface DoctorOptions {
  readonly repair?: true;
  readonly json?: true;
}

export function doctorCommand(io: Io): Command {
  return new Command('doctor')
    .description('Compare the registry of a PostgreSQL server with the databases of its projects')
    .option('--repair', 'set right what differs')
    .addOption(jsonOption())
    .action((options: DoctorOptions, command: Command) => doctor(io, options, command));
}

async function doctor(io: Io, options: DoctorOptions, command: Command): Promise<void> {
  const config = await configOf(command);
  const findings = config.databaseUrl === undefined ? [] : await look(config, options.repair ?? false);
  if (options.json) io.out(JSON.stringify(findings, null, 2));
  else io.out(findings.length === 0 ? 'Nothing is amiss.' : findings.map(sentence).join('\n'));
  if (findings.some(({ repaired }) => repaired === false))
    io.err('Run codebase-mcp doctor --repair to set this right.\n');
}

interface Told {
  readonly problem: string;
  readonly remedy: string;
  /** Null where this program may not. */
  readonly repaired: boolean | null;
}

const HOLDER = { holder: 'codebase-mcp doctor' };
type Config = Awaited<ReturnType<typeof configOf>>;

async function look(config: Config, repair: boolean): Promise<readonly Told[]> {
  const { openLog } = await import('../log.js');
  const { connectProjects } = await import('../database/project-server.js');
  const { examine } = await import('../database/doctor.js');
  const kind = await connectProjects(config, HOLDER, openLog(config.logFile));
  if (kind.isolation === 'shared') return await lookAtWall(kind.config);
  try {
    const findings = await examine(kind.server);
    if (repair) for (const finding of findings) await finding.repair();
    return findings.map(({ problem, remedy }) => ({ problem, remedy, repaired: repair }));
  } finally {
    await kind.server.close();
  }
}

async function lookAtWall(config: Config): Promise<readonly Told[]> {
  const { openDatabase } = await import('../database/database.js');
  const { examineWall } = await import('../database/doctor.js');
  const database = await openDatabase(config, HOLDER);
  await database.close();
  return examineWall(database).map((problem) => ({ ...problem, repaired: null }));
}

function sentence({ problem, remedy, repaired }: Told): string {
  return `${problem}: ${repaired ? 'done' : 'to do'}: ${remedy.replace(/;?$/, '.')}`;
}
