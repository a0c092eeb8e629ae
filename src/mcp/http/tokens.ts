// Bearer tokens: made and revoked on the command line, kept as hashes in one file that only its owner may read.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { CodebaseError } from '../../errors.js';
import { parseProjectId } from '../../project.js';

const Stored = z.object({
  id: z.string(),
  name: z.string(),
  /** Project ids; null: every project. */
  projects: z.array(z.string()).nullable(),
  write: z.boolean(),
  sha256: z.string().describe('Of the secret, in hexadecimal'),
  created_at: z.iso.datetime(),
  expires_at: z.iso.datetime(),
});
const Store = z.object({ version: z.literal(1), tokens: z.array(Stored) });

export type StoredToken = Readonly<z.infer<typeof Stored>>;

export interface NewToken {
  readonly name: string;
  /** null: every project. */
  readonly projects: readonly string[] | null;
  readonly write: boolean;
  readonly days: number;
}

/** What a client shows is cbm_<id>_<secret>; the secret has 256 bits, so that a plain hash is enough to hide it. */
const SHOWN = /^cbm_([0-9a-f]{8})_([\w-]{43})$/;
const DAY_MS = 86_400_000;

/** Returns the token as its client must show it; it cannot be had again. */
export async function createToken(file: string, { name, projects, write, days }: NewToken): Promise<string> {
  const ids = projects?.map((id) => parseProjectId(id)) ?? null;
  const id = randomBytes(4).toString('hex');
  const secret = randomBytes(32).toString('base64url');
  const now = Date.now();
  await change(file, (tokens) => {
    if (tokens.some((token) => token.name === name))
      throw new CodebaseError('invalid_input', `There is a token ${name} already; revoke it or choose another name.`);
    const created_at = new Date(now).toISOString();
    const expires_at = new Date(now + days * DAY_MS).toISOString();
    return [
      ...tokens,
      { id, name, projects: ids, write, sha256: hash(secret).toString('hex'), created_at, expires_at },
    ];
  });
  return `cbm_${id}_${secret}`;
}

export async function revokeToken(file: string, nameOrId: string): Promise<StoredToken> {
  let revoked: StoredToken | undefined;
  await change(file, (tokens) => {
    revoked = tokens.find(({ id, name }) => name === nameOrId || id === nameOrId);
    return tokens.filter((token) => token !== revoked);
  });
  if (revoked !== undefined) return revoked;
  throw new CodebaseError('not_found', `There is no token ${nameOrId}; codebase-mcp token list shows them.`);
}

/** Empty when there is no file. */
export async function readTokens(file: string): Promise<readonly StoredToken[]> {
  const found = await stat(file).catch(absent);
  if (found === null) return [];
  if (process.platform !== 'win32' && (found.mode & 0o077) !== 0)
    throw new CodebaseError('permission_denied', `${file} can be reached by other users; run chmod 600 ${file}.`);
  try {
    return Store.parse(JSON.parse(await readFile(file, 'utf8'))).tokens;
  } catch (cause) {
    throw new CodebaseError('invalid_input', `${file} is damaged; delete it and make the tokens again.`, { cause });
  }
}

/** Looks tokens up as of now: a revoked one is refused with the next request. */
export class TokenReader {
  private readonly file: string;
  private read: { readonly stamp: string; readonly tokens: readonly StoredToken[] } | undefined;

  constructor(file: string) {
    this.file = file;
  }

  async tokens(): Promise<readonly StoredToken[]> {
    const found = await stat(this.file).catch(absent);
    const stamp = found === null ? '' : `${found.ino} ${found.mtimeMs} ${found.size} ${found.mode}`;
    if (this.read?.stamp !== stamp) this.read = { stamp, tokens: await readTokens(this.file) };
    return this.read.tokens;
  }

  /** Is there a token of this id that has not expired? */
  async knows(id: string): Promise<boolean> {
    return (await this.tokens()).some((token) => token.id === id && isGood(token));
  }

  /** What a client shows → its token; undefined when it is none, expired or revoked, after the same work. */
  async find(shown: string): Promise<StoredToken | undefined> {
    const [, id, secret = ''] = SHOWN.exec(shown) ?? [];
    const token = (await this.tokens()).find((each) => each.id === id);
    const expected = token === undefined ? NOBODY : Buffer.from(token.sha256, 'hex');
    const same = timingSafeEqual(hash(secret), expected);
    return same && token !== undefined && isGood(token) ? token : undefined;
  }
}

const NOBODY = randomBytes(32);

export function isGood({ expires_at }: StoredToken): boolean {
  return Date.now() < Date.parse(expires_at);
}

function hash(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

const absent = (error: NodeJS.ErrnoException): null => {
  if (error.code === 'ENOENT') return null;
  throw error;
};

const TRIES = 100;
const WAIT_MS = 20;

/** Replaces the file as a whole; its successor, made exclusively, keeps two commands from changing it at once. */
async function change(file: string, edit: (tokens: readonly StoredToken[]) => readonly StoredToken[]): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const next = `${file}.new`;
  const handle = await openAlone(next);
  try {
    const tokens = edit(await readTokens(file));
    await handle.writeFile(`${JSON.stringify({ version: 1, tokens }, null, 2)}\n`);
    await handle.sync();
    await handle.close();
    await rename(next, file);
  } catch (error) {
    await handle.close().catch(() => {});
    await rm(next, { force: true });
    throw error;
  }
}

async function openAlone(path: string): ReturnType<typeof open> {
  for (let tried = 0; ; tried++) {
    try {
      return await open(path, 'wx', 0o600);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
      if (tried === TRIES)
        throw new CodebaseError('in_use', `Another command is changing ${path}; delete it if there is none.`, {
          cause,
        });
      await sleep(WAIT_MS);
    }
  }
}
