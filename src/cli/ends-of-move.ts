// Which codebase is asked to move a project, and where the other end is: the embedded database's owner holds that end and
// has another environment, so that what a variable says is read here.
import type { Config } from '../config.js';
import { CodebaseError } from '../errors.js';
import type { MoveRequest } from '../service.js';

interface Ends {
  readonly config: Config;
  readonly server: MoveRequest['server'];
}

/** `to` as it was given. Throws for a URL, which may hold a password, and for a place that the configuration rules out. */
export async function endsOfMove(config: Config, to: string): Promise<Ends> {
  refuseUrl(to, '--to');
  const { databaseUrl: url, server } = config;
  const { isolation } = server;
  if (to === 'embedded') {
    if (url !== undefined) return { config: { ...config, databaseUrl: undefined }, server: { url, isolation } };
    throw new CodebaseError(
      'invalid_input',
      'Without DATABASE_URL a project is in the embedded database already; set it to the PostgreSQL that the project is to come from.',
    );
  }
  if (url !== undefined || to === 'server') return { config, server: undefined };
  const { readConnection } = await import('../connection-reference.js');
  return { config, server: { url: await readConnection(to), isolation } };
}

/** Throws when a reference is a URL, or the part of one that holds a password, which is not repeated. */
export function refuseUrl(reference: string, option: string): void {
  if (/^(env|file):/.test(reference) || !/:\/\/|@/.test(reference)) return;
  throw new CodebaseError(
    'invalid_input',
    `A URL on the command line stays in the shell’s history and is seen by every user of this machine; put it into a variable or a file, and give ${option} env:NAME or ${option} file:/path.`,
  );
}
