// PostgreSQL servers that cannot be used, and what is said about them: where, why, what next, and never the password.
import { createServer } from 'node:net';
import { sql } from 'kysely';
import { afterEach, describe, expect, test } from 'vitest';
import { loadConfig } from '#src/config.js';
import { connectDatabase, openDatabase } from '#src/database/database.js';
import { describeDatabaseError } from '#src/database/sqlstates.js';
import { downgrade, HEAD, upgrade } from '#src/migrations/runner.js';
import { makePlace, onServer, SERVER_URL } from './engines.js';
import { startFakeServer, startSelfSigned } from './fake-server.js';

const open = (databaseUrl: string) => openDatabase(loadConfig({ databaseUrl }, {}), { holder: 'test' });

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function fake(answer: Parameters<typeof startFakeServer>[0]): Promise<{ url: string; place: string }> {
  const { url, server } = await startFakeServer(answer);
  undo.push(() => server.close());
  return { url, place: url.replace(/^.*@/, '') };
}

const PG17 = { number: 170_011, version: '17.11' };

test('nothing listens there', async () => {
  await expect(open('postgres://someone:secret@127.0.0.1:1/code')).rejects.toMatchObject({
    code: 'database_unavailable',
    message:
      'No PostgreSQL answers at 127.0.0.1:1/code (connect ECONNREFUSED 127.0.0.1:1); start it, or correct DATABASE_URL, or unset it to use the embedded database.',
  });
});

test('no such host', async () => {
  await expect(open('postgres://someone:secret@no-such-host.invalid/code')).rejects.toMatchObject({
    code: 'database_unavailable',
    message: expect.stringMatching(
      /^No PostgreSQL answers at no-such-host\.invalid:5432\/code \(getaddrinfo \w+ no-such-host\.invalid\); /,
    ),
  });
});

test('nothing listens on any address of a host, and no socket is in a directory', async () => {
  const tries = ['::1', '127.0.0.1'].map((address) => {
    return Object.assign(new Error(`connect ECONNREFUSED ${address}:1`), { code: 'ECONNREFUSED', syscall: 'connect' });
  });
  expect(describeDatabaseError(new AggregateError(tries), 'localhost:1/code')?.message).toMatch(
    /^No PostgreSQL answers at localhost:1\/code \(connect ECONNREFUSED ::1:1\); /,
  );
  await expect(open('postgres:///code?host=/no/such/directory')).rejects.toMatchObject({
    code: 'database_unavailable',
    message: expect.stringContaining('connect ENOENT /no/such/directory/.s.PGSQL.5432'),
  });
});

test('a URL that is none', async () => {
  await expect(open('postgres://someone:secret@127.0.0.1:99999/code')).rejects.toMatchObject({
    code: 'invalid_input',
    message: expect.not.stringContaining('secret'),
  });
});

test('something else listens there', async () => {
  const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  undo.push(() => server.close());
  const { port } = server.address() as { port: number };
  await expect(open(`postgres://someone:secret@127.0.0.1:${port}/code`)).rejects.toMatchObject({
    name: 'CodebaseError',
    code: 'database_unavailable',
    message: expect.stringContaining(`127.0.0.1:${port}/code`),
  });
});

test('too old', async () => {
  const { url, place } = await fake({
    row: { number: 130_014, version: '13.14', installed: '0.7.0', available: '0.7.0' },
  });
  await expect(open(url)).rejects.toMatchObject({
    code: 'database_unsuitable',
    message: `PostgreSQL at ${place} is 13.14, and 14 or newer is needed; upgrade it, or unset DATABASE_URL to use the embedded database.`,
  });
});

test('without pgvector', async () => {
  const { url, place } = await fake({ row: { ...PG17, installed: null, available: null } });
  await expect(open(url)).rejects.toMatchObject({
    code: 'database_unsuitable',
    message: `PostgreSQL 17.11 at ${place} has no pgvector; install it on that machine (on Debian and Ubuntu: sudo apt install postgresql-17-pgvector), or unset DATABASE_URL to use the embedded database.`,
  });
});

test('with an old pgvector', async () => {
  const { url, place } = await fake({ row: { ...PG17, installed: '0.4.4', available: '0.8.0' } });
  await expect(open(url)).rejects.toMatchObject({
    code: 'database_unsuitable',
    message: `pgvector at ${place} is 0.4.4, and 0.7 or newer is needed; run in that database: ALTER EXTENSION vector UPDATE;`,
  });
});

test('a certificate that is not trusted, or cannot be read: what to add to the URL, and no warning of the driver', async () => {
  const { url, server } = await startSelfSigned();
  undo.push(() => server.close());
  const warnings: string[] = [];
  const hear = ({ message }: Error) => void warnings.push(message);
  process.on('warning', hear);
  undo.push(() => process.off('warning', hear));
  const place = url.replace(/^.*@/, '');
  await expect(open(`${url}?sslmode=require`)).rejects.toMatchObject({
    code: 'database_unavailable',
    message: `PostgreSQL at ${place} has a certificate that is not trusted here (self-signed certificate); add sslrootcert=/path/to/ca.pem to DATABASE_URL, or sslmode=no-verify to encrypt without checking who answers.`,
  });
  await expect(open(`${url}?sslmode=verify-full&sslrootcert=/no/ca.pem`)).rejects.toMatchObject({
    code: 'invalid_input',
    message: expect.stringContaining(
      "cannot be read (ENOENT: no such file or directory, open '/no/ca.pem'); correct ssl",
    ),
  });
  expect(warnings).toEqual([]);
});

test.each([
  ['28P01', 'password authentication failed for user "someone"', 'database_unavailable', 'refused the login'],
  ['3D000', 'database "code" does not exist', 'database_unavailable', 'has no such database'],
  ['53300', 'sorry, too many clients already', 'database_unavailable', 'takes no work at the moment'],
  ['57P03', 'the database system is starting up', 'database_unavailable', 'takes no work at the moment'],
])('a login refused with %s', async (code, message, expected, words) => {
  const { url, place } = await fake({ code, message });
  const error = await open(url).catch((error) => error);
  expect(error).toMatchObject({ name: 'CodebaseError', code: expected });
  expect(error.message).toContain(`${place} ${words} (${message})`);
  expect(error.message).not.toContain('secret');
});

describe.skipIf(SERVER_URL === undefined)('PostgreSQL at TEST_DATABASE_URL', () => {
  async function place() {
    const made = await makePlace('server');
    undo.push(made.remove);
    return made.config;
  }

  test('a schema that is behind is refused with the command that upgrades it, which helps', async () => {
    const config = await place();
    const old = await connectDatabase(config, { holder: 'test' });
    await upgrade(old.db);
    await downgrade(old.db, { target: '-1' });
    await expect(openDatabase(config, { holder: 'test' })).rejects.toMatchObject({
      code: 'schema_mismatch',
      message: expect.stringMatching(
        new RegExp(
          `^The schema in PostgreSQL .* is at revision 008_\\w+, and this version needs ${HEAD}; run: codebase-mcp db upgrade\\.$`,
        ),
      ),
    });
    await upgrade(old.db);
    await old.close();
    await (await openDatabase(config, { holder: 'test' })).close();
  });

  test('a database that is dropped while it is open is said to be gone, and nobody is told to create it', async () => {
    const { databaseUrl = '' } = await place();
    const database = await open(databaseUrl);
    undo.push(() => database.close());
    const { host, pathname } = new URL(databaseUrl);
    await onServer(`DROP DATABASE ${pathname.slice(1)} WITH (FORCE)`);
    await onServer(`CREATE DATABASE ${pathname.slice(1)}_elsewhere`); // to be renamed back, for whoever removes it
    const ask = () => sql`SELECT 1`.execute(database.allProjects);
    await ask().catch(() => {}); // may have a connection that was cut
    await expect(ask()).rejects.toMatchObject({
      code: 'database_unavailable',
      message: expect.stringContaining(`The database at ${host}${pathname} is there no more: `),
    });
    await onServer(`ALTER DATABASE ${pathname.slice(1)}_elsewhere RENAME TO ${pathname.slice(1)}`);
  });

  test('a schema that is newer is refused', async () => {
    const config = await place();
    const newer = await openDatabase(config, { holder: 'test' });
    await sql`UPDATE alembic_version SET version_num = '999_future'`.execute(newer.allProjects);
    await newer.close();
    await expect(openDatabase(config, { holder: 'test' })).rejects.toMatchObject({ code: 'database_newer' });
  });

  test('two that open a new database at once both find it at head', async () => {
    const config = await place();
    const both = await Promise.all([openDatabase(config, { holder: 'a' }), openDatabase(config, { holder: 'b' })]);
    for (const { close } of both) await close();
  });

  test('a database that is not there', async () => {
    const url = new URL(SERVER_URL ?? '');
    url.pathname = '/no_such_database';
    await expect(open(url.href)).rejects.toMatchObject({
      code: 'database_unavailable',
      message: expect.stringContaining('no such database (database "no_such_database" does not exist)'),
    });
  });

  test('a role that may not install pgvector, then may not create tables', async () => {
    const config = await place();
    const role = `reader_${process.pid}`;
    await onServer(`CREATE ROLE ${role} LOGIN`);
    undo.push(() => onServer(`DROP ROLE ${role}`));
    const url = new URL(config.databaseUrl ?? '');
    url.username = role;
    await expect(open(url.href)).rejects.toMatchObject({
      code: 'permission_denied',
      message: `The role in DATABASE_URL may not install pgvector at ${url.host}${url.pathname}; have a superuser run in that database: CREATE EXTENSION vector;`,
    });
    const superuser = await connectDatabase(config, { holder: 'test' });
    await sql`CREATE EXTENSION vector`.execute(superuser.db);
    await superuser.close();
    await expect(open(url.href)).rejects.toMatchObject({
      code: 'permission_denied',
      message: expect.stringContaining('permission denied for schema public'),
    });
  });

  test('a server that ends our connections is found again by the next query', async () => {
    const config = await place();
    const database = await openDatabase(config, { holder: 'test' });
    await onServer(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${database.description.split('/').at(-1)}'`,
    );
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect((await sql<{ n: number }>`SELECT 1 AS n`.execute(database.allProjects)).rows).toEqual([{ n: 1 }]);
    await database.close();
  });
});
