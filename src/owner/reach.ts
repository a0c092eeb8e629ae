// The way to the owner of a data directory: the one that is there, or a new one. Whoever is newer takes over.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config.js';
import { connectToHolder, inUse } from '../database/holder.js';
import { CodebaseError } from '../errors.js';
import { VERSION } from '../version.js';
import { ConnectionLost, OwnerConnection } from './connection.js';
import { compareVersions, embedderSettings, PROTOCOL, type Welcome } from './protocol.js';
import { EndedEarly, startOwner } from './start.js';

/** How long a directory may be held by a command that serves nobody, such as `db backup`. */
const PATIENCE_MS = 10_000;
/** How long an owner may hold it that hangs up because it leaves: seconds of work, and more where the machine is busy. */
const LEAVING_PATIENCE_MS = 60_000;
const RETRY_MS = 50;
/** Owners that were started and were gone before they could be spoken to; a kill may hit one, and is no reason to give up. */
const MOST_SHORT_LIVES = 3;

/** A connection to an owner that this version and these settings can work with. */
export async function reachOwner(config: Config): Promise<OwnerConnection> {
  const { dataDirectory } = config;
  let refusedSince: number | undefined;
  let started = 0;
  for (;;) {
    const found = await connectToHolder(dataDirectory);
    const connection = found && (await OwnerConnection.greet(found, dataDirectory));
    if (connection && (await suits(connection, config))) return connection;
    const refusal = found ? inUse(dataDirectory, found.holder) : await startUnlessOutrun(config);
    if (refusal instanceof EndedEarly && ++started > MOST_SHORT_LIVES) throw refusal;
    if (refusal === null && ++started > MOST_SHORT_LIVES) throw shortLived(config);
    if (refusal === null || refusal instanceof EndedEarly || connection) refusedSince = undefined;
    else refusedSince ??= performance.now();
    const patience = found?.holder?.token === null ? PATIENCE_MS : LEAVING_PATIENCE_MS;
    if (refusal && refusedSince !== undefined && performance.now() - refusedSince > patience) throw refusal;
    await sleep(RETRY_MS);
  }
}

/**
 * Of several that start at once one gets the directory: null. The others connect to it, and this is what they were told.
 * What ended before it could say anything is told, too.
 */
async function startUnlessOutrun(config: Config): Promise<CodebaseError | null> {
  try {
    await startOwner(config);
    return null;
  } catch (error) {
    if (error instanceof EndedEarly || (error instanceof CodebaseError && error.code === 'in_use')) return error;
    throw error;
  }
}

/** False when this owner is leaving in favour of a new one; throws when it neither fits nor can be replaced. */
async function suits(connection: OwnerConnection, config: Config): Promise<boolean> {
  const { version, protocol, embedder } = connection.welcome;
  const newer = compareVersions(VERSION, version);
  if (newer > 0 || (newer === 0 && protocol !== PROTOCOL)) {
    await sendAway(connection, { unlessBusy: false });
    return false;
  }
  if (protocol !== PROTOCOL) throw await refused(connection, tooOld(connection.welcome, config.dataDirectory));
  const wanted = embedderSettings(config.embedder);
  if (embedder === wanted) return true;
  const busy = await sendAway(connection, { unlessBusy: true });
  if (busy !== null) throw await refused(connection, otherEmbedder(connection.welcome, wanted, config.dataDirectory));
  return false;
}

/** Null when the owner leaves, otherwise what it is at, in words. */
export async function sendAway(connection: OwnerConnection, options: { unlessBusy: boolean }): Promise<string | null> {
  try {
    const answer = await connection.leave(options);
    if (answer.type === 'busy') return `${answer.calls} requests and ${answer.jobs} indexing jobs`;
  } catch (error) {
    if (!(error instanceof ConnectionLost)) throw error;
  }
  return null;
}

function shortLived({ dataDirectory, logFile }: Config): CodebaseError {
  return new CodebaseError(
    'database_unavailable',
    `The process that holds the index in "${dataDirectory}" ends again as soon as it has started; look into ${logFile}, and run this again.`,
  );
}

async function refused(connection: OwnerConnection, error: CodebaseError): Promise<CodebaseError> {
  await connection.close();
  return error;
}

function tooOld({ pid, version }: Welcome, directory: string): CodebaseError {
  return new CodebaseError(
    'in_use',
    `The index in "${directory}" is held by codebase-mcp ${version} (process ${pid}), which this version ${VERSION} cannot talk to; update this program to ${version}, or end the newer programs and run codebase-mcp owner stop.`,
  );
}

function otherEmbedder({ pid, embedder }: Welcome, wanted: string, directory: string): CodebaseError {
  return new CodebaseError(
    'in_use',
    `The index in "${directory}" is at work with the embedder ${embedder} (process ${pid}), and ${wanted} was asked for; wait until it is done, or use the same embedder.`,
  );
}
