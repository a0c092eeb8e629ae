// A PostgreSQL server that cannot be had for a test: too old, or without pgvector. It speaks the real protocol to one
// question, the one that `openServer` asks about versions.
import { execFileSync } from 'node:child_process';
import { createServer, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

type Row = Readonly<Record<string, string | number | null>>;

/** Answers every query with `row`, or refuses every login with the SQLSTATE and message. */
export async function startFakeServer(answer: { row: Row } | { code: string; message: string }): Promise<FakeServer> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      if ('code' in answer) {
        socket.end(error(answer.code, answer.message));
        return;
      }
      socket.write(Buffer.concat([message('R', int32(0)), message('Z', Buffer.from('I'))]));
      serve(socket, answer.row);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return { url: `postgres://someone:secret@127.0.0.1:${port}/code`, server };
}

/** Encrypts with a certificate that nobody has signed, and answers nothing. Needs openssl. */
export async function startSelfSigned(): Promise<FakeServer> {
  const made = execFileSync(
    'openssl',
    'req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout - -out -'.split(' '),
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      socket.write('S');
      new TLSSocket(socket, { isServer: true, key: made, cert: made }).on('error', () => {});
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return { url: `postgres://someone:secret@127.0.0.1:${port}/code`, server };
}

export interface FakeServer {
  readonly url: string;
  readonly server: Server;
}

function serve(socket: Socket, row: Row): void {
  socket.on('data', (bytes) => {
    if (bytes[0] !== 'Q'.charCodeAt(0)) return;
    const names = Object.keys(row);
    const fields = names.map((name) => {
      const type = typeof row[name] === 'number' ? 23 : 25;
      return Buffer.concat([text(name), int32(0), int16(0), int32(type), int16(-1), int32(-1), int16(0)]);
    });
    const values = names.map((name) => {
      if (row[name] === null) return int32(-1);
      const value = Buffer.from(String(row[name]));
      return Buffer.concat([int32(value.length), value]);
    });
    socket.write(
      Buffer.concat([
        message('T', Buffer.concat([int16(fields.length), ...fields])),
        message('D', Buffer.concat([int16(values.length), ...values])),
        message('C', text('SELECT 1')),
        message('Z', Buffer.from('I')),
      ]),
    );
  });
}

function error(code: string, words: string): Buffer {
  return message(
    'E',
    Buffer.concat([
      Buffer.from('S'),
      text('FATAL'),
      Buffer.from('C'),
      text(code),
      Buffer.from('M'),
      text(words),
      Buffer.alloc(1),
    ]),
  );
}

function message(type: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

function text(value: string): Buffer {
  return Buffer.from(`${value}\0`);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}
