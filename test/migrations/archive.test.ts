// A backup file gives back what was written, or says in one sentence what is wrong with it.
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ARCHIVE_FORMAT, ARCHIVE_VERSION, type ArchiveHeader, type Row } from '#src/migrations/archive/format.js';
import { readArchive, verifyArchive } from '#src/migrations/archive/reader.js';
import { type TableData, writeArchive } from '#src/migrations/archive/writer.js';

const HEADER: ArchiveHeader = {
  format: ARCHIVE_FORMAT,
  version: ARCHIVE_VERSION,
  scope: 'tables',
  revision: '005_case_insensitive_vendor',
  engine: 'PostgreSQL 17.11',
  created_at: '2026-11-22T12:00:00.000Z',
};

let directory: string;
let files = 0;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'archive-'));
});
afterAll(() => rm(directory, { recursive: true }));

const newFile = (): string => join(directory, `${files++}.backup.gz`);

async function* tables(content: Readonly<Record<string, readonly Row[]>>): AsyncGenerator<TableData> {
  for (const [name, rows] of Object.entries(content)) {
    const columns = (rows[0] ?? []).map((_, i) => ({ name: `c${i}`, type: 'text' }));
    yield { table: { name, columns, sequences: [] }, rows: batches(rows) };
  }
}

async function* batches(rows: readonly Row[]): AsyncGenerator<readonly Row[]> {
  for (let i = 0; i < rows.length; i += 3) yield rows.slice(i, i + 3);
}

async function read(file: string): Promise<Record<string, Row[]>> {
  const content: Record<string, Row[]> = {};
  let table = '';
  for await (const part of readArchive(file)) {
    if (part.kind === 'table') {
      table = part.table.name;
      content[table] = [];
    }
    if (part.kind === 'rows') content[table]?.push(...part.rows);
  }
  return content;
}

const sentence = (file: string): Promise<string> =>
  verifyArchive(file).then(
    () => 'intact',
    (error: Error) => error.message.replace(file, 'FILE'),
  );

/** The text of a backup with one table of two rows, changed and packed again. */
async function edited(change: (text: string) => string): Promise<string> {
  const file = newFile();
  await writeArchive(
    file,
    HEADER,
    tables({
      vendors: [
        ['1', 'Ada'],
        ['2', null],
      ],
    }),
  );
  const copy = newFile();
  await writeFile(copy, gzipSync(change(gunzipSync(await readFile(file)).toString())));
  return copy;
}

describe('a backup file', () => {
  it('gives back any text, and NULL apart from the empty text', async () => {
    const value = fc.option(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', '\n', '\\N', 'null', '"')));
    const rows = fc.array(fc.array(value, { minLength: 2, maxLength: 2 }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(rows, rows, async (a, b) => {
        const file = newFile();
        await writeArchive(file, HEADER, tables({ a, b }));
        expect(await read(file)).toEqual({ a, b });
      }),
      { numRuns: 50 },
    );
  });

  it('is for the owner only, and leaves no temporary file', async () => {
    const file = join(await mkdtemp(join(directory, 'new-')), 'backups', 'one.gz');
    await writeArchive(file, HEADER, tables({ vendors: [['1']] }));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(file, '..'))).toEqual(['one.gz']);
  });

  it('is not written over another file', async () => {
    const file = newFile();
    await writeFile(file, 'precious');
    await expect(writeArchive(file, HEADER, tables({}))).rejects.toThrow(/exists already; name a file that does not\./);
    expect(await readFile(file, 'utf8')).toBe('precious');
  });

  it('disappears when the rows cannot be read to their end', async () => {
    const folder = await mkdtemp(join(directory, 'failed-'));
    async function* failing(): AsyncGenerator<TableData> {
      yield* tables({ vendors: [['1']] });
      throw new Error('connection lost');
    }
    await expect(writeArchive(join(folder, 'one.gz'), HEADER, failing())).rejects.toThrow('connection lost');
    expect(await readdir(folder)).toEqual([]);
  });

  it('holds a million rows in little memory', async () => {
    const file = newFile();
    const batch = Array.from({ length: 1000 }, (_, i) => [String(i), 'x'.repeat(200)]);
    async function* million(): AsyncGenerator<readonly Row[]> {
      for (let i = 0; i < 1000; i++) yield batch;
    }
    async function* one(): AsyncGenerator<TableData> {
      yield { table: { name: 'chunks', columns: [], sequences: [] }, rows: million() };
    }
    const written = await writeArchive(file, HEADER, one());
    expect(written.tables[0]?.rows).toBe(1_000_000);
    expect((await verifyArchive(file)).tables[0]?.sha256).toBe(written.tables[0]?.sha256);
    expect(process.memoryUsage().rss).toBeLessThan(600 * 2 ** 20);
  });
});

describe('a file that is not an intact backup is refused with one sentence', () => {
  it('missing', async () => {
    expect(await sentence(join(directory, 'nothing'))).toMatchInlineSnapshot(
      `"FILE does not exist; name a file that \`db backup\` or \`db upgrade\` wrote."`,
    );
  });

  it('text', async () => {
    const file = newFile();
    await writeFile(file, 'CREATE TABLE vendors ();');
    expect(await sentence(file)).toMatchInlineSnapshot(
      `"FILE is damaged, or is not a backup that codebase-mcp wrote; use another copy."`,
    );
  });

  it('compressed, but something else', async () => {
    const file = newFile();
    await writeFile(file, gzipSync('{"hello":"world"}\n'));
    expect(await sentence(file)).toMatchInlineSnapshot(`"FILE is not a backup that codebase-mcp wrote."`);
  });

  it('empty', async () => {
    const file = newFile();
    await writeFile(file, '');
    expect(await sentence(file)).toMatchInlineSnapshot(
      `"FILE ends before the end of the backup; use a complete copy."`,
    );
  });

  it('cut off at any byte', async () => {
    const file = newFile();
    await writeArchive(
      file,
      HEADER,
      tables({
        vendors: [
          ['1', 'Ada'],
          ['2', null],
        ],
      }),
    );
    const bytes = await readFile(file);
    for (let length = 0; length < bytes.length; length += 7) {
      await writeFile(file, bytes.subarray(0, length));
      expect(await sentence(file)).not.toBe('intact');
    }
  });

  it('cut off between two lines', async () => {
    expect(
      await sentence(await edited((text) => text.slice(0, text.lastIndexOf('{"end_of_backup"')))),
    ).toMatchInlineSnapshot(`"FILE ends before the end of the backup; use a complete copy."`);
  });

  it('with any byte changed', async () => {
    const file = newFile();
    await writeArchive(
      file,
      HEADER,
      tables({
        vendors: [
          ['1', 'Ada'],
          ['2', null],
        ],
      }),
    );
    const bytes = await readFile(file);
    const text = gunzipSync(bytes);
    for (let i = 10; i < bytes.length; i += 5) {
      const copy = Buffer.from(bytes);
      copy[i] = (copy[i] ?? 0) ^ 0x20;
      await writeFile(file, copy);
      expect(await sentence(file), `byte ${i}`).not.toBe('intact');
    }
    for (let i = 0; i < text.length; i += 5) {
      const copy = Buffer.from(text);
      copy[i] = (copy[i] ?? 0) ^ 0x01;
      await writeFile(file, gzipSync(copy));
      expect(await sentence(file), `character ${i}`).not.toBe('intact');
    }
  });

  it('with a value changed', async () => {
    expect(await sentence(await edited((text) => text.replace('Ada', 'Eve')))).toMatchInlineSnapshot(
      `"FILE was changed after it was written: the checksum of table vendors differs; use another copy."`,
    );
  });

  it('with a row removed', async () => {
    expect(await sentence(await edited((text) => text.replace('["2",null]\n', '')))).toMatchInlineSnapshot(
      `"FILE was changed after it was written: table vendors has 1 rows instead of 2; use another copy."`,
    );
  });

  it('with another revision in its header', async () => {
    expect(await sentence(await edited((text) => text.replace('005_', '001_')))).toMatchInlineSnapshot(
      `"FILE was changed after it was written: its checksum differs; use another copy."`,
    );
  });

  it('with something appended', async () => {
    expect(await sentence(await edited((text) => `${text}["3","Bob"]\n`))).toMatchInlineSnapshot(
      `"FILE was changed after it was written: there is data after its end; use another copy."`,
    );
  });

  it('written by a newer version', async () => {
    expect(await sentence(await edited((text) => text.replace('"version":1', '"version":2')))).toMatchInlineSnapshot(
      `"FILE has backup format 2 and this program reads up to 1; use the version that wrote it."`,
    );
  });
});
