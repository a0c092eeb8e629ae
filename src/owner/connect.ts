// The codebase as every surface opens it: with PostgreSQL in this process, with the embedded database through its owner.
import type { Config } from '../config.js';
import type { Codebase } from '../service.js';

export interface ConnectOptions {
  /** The command that connects, as others are told: "codebase-mcp search". */
  readonly holder: string;
  /** The process answers many questions. */
  readonly longLived?: boolean;
}

export async function connectCodebase(config: Config, options: ConnectOptions): Promise<Codebase> {
  if (config.databaseUrl !== undefined) return (await import('../app.js')).openCodebase(config, options);
  const [{ RemoteCodebase }, { reachOwner }] = await Promise.all([import('./remote.js'), import('./reach.js')]);
  return RemoteCodebase.open(() => reachOwner(config));
}
