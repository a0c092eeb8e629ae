// One entry in a client's configuration, set or removed in the text itself, so that comments, order and layout of everything
// else stay. Pure. Every edit is read back and compared: a file that would come out otherwise is left alone.
import { isDeepStrictEqual } from 'node:util';
import { parse as parseToml, patch as patchToml, stringify as stringifyToml } from '@decimalturn/toml-patch';
import { applyEdits, modify, type ParseError, parse as parseJson, printParseErrorCode } from 'jsonc-parser';
import { CodebaseError } from '../errors.js';

export interface Entry {
  /** Key of the list of servers, and the server's name in it. */
  readonly path: readonly [servers: string, name: string];
  /** Undefined removes it. */
  readonly value: Readonly<Record<string, unknown>> | undefined;
}

type Document = Record<string, unknown>;

interface Format {
  /** Throws a sentence's end: what is wrong with the text. */
  readonly parse: (text: string) => Document;
  readonly edit: (text: string, entry: Entry, wanted: Document) => string;
}

/** The text with the entry as wanted. `file`: what it is called in the sentence, when it cannot be edited. */
export function withEntry(format: 'json' | 'toml', file: string, marked: string, entry: Entry): string {
  const [mark, text] = marked.startsWith(BYTE_ORDER_MARK) ? [BYTE_ORDER_MARK, marked.slice(1)] : ['', marked];
  const document = read(format, file, text);
  const [servers, name] = entry.path;
  const listed = listedIn(document, file, servers);
  if (same(listed[name], entry.value)) return marked;
  const { [name]: _, ...others } = listed;
  const wanted = { ...document, [servers]: entry.value === undefined ? others : { ...listed, [name]: entry.value } };
  const edited = FORMATS[format].edit(text, entry, wanted);
  if (!reads(format, edited, wanted)) throw refusal(file, 'cannot be edited without changing something else');
  return `${mark}${edited}`;
}

function reads(format: 'json' | 'toml', text: string, wanted: Document): boolean {
  try {
    return same(FORMATS[format].parse(text), wanted);
  } catch {
    return false;
  }
}

/** The entry as it stands there; undefined where there is none. */
export function entryOf(format: 'json' | 'toml', file: string, text: string, path: Entry['path']): Entry['value'] {
  const [servers, name] = path;
  return listedIn(read(format, file, text.replace(BYTE_ORDER_MARK, '')), file, servers)[name] as Entry['value'];
}

const BYTE_ORDER_MARK = '\ufeff';

function read(format: 'json' | 'toml', file: string, text: string): Document {
  try {
    return FORMATS[format].parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw refusal(file, `cannot be read (${reason})`);
  }
}

function listedIn(document: Document, file: string, servers: string): Document {
  const listed = document[servers] ?? {};
  if (typeof listed === 'object' && !Array.isArray(listed)) return listed as Document;
  throw refusal(file, `has something else than servers under ${servers}`);
}

/** By their contents: parsers make objects of kinds of their own. */
function same(one: unknown, other: unknown): boolean {
  const plain = (value: unknown): unknown => (value === undefined ? value : JSON.parse(JSON.stringify(value)));
  return isDeepStrictEqual(plain(one), plain(other));
}

function refusal(file: string, why: string): CodebaseError {
  return new CodebaseError(
    'invalid_input',
    `${file} ${why}; correct it, or add the server by hand as codebase-mcp install --print shows it.`,
  );
}

const FORMATS: Readonly<Record<'json' | 'toml', Format>> = {
  json: {
    parse: (text) => {
      if (text.trim() === '') return {};
      const errors: ParseError[] = [];
      const document: unknown = parseJson(text, errors, { allowTrailingComma: true });
      const [error] = errors;
      if (error !== undefined) {
        const line = text.slice(0, error.offset).split('\n').length;
        throw new Error(`${printParseErrorCode(error.error)} in line ${line}`);
      }
      if (typeof document !== 'object' || document === null || Array.isArray(document))
        throw new Error('it is no object');
      return document as Document;
    },
    edit: (text, { path, value }) => {
      const formattingOptions = { insertSpaces: !/^\t/m.test(text), tabSize: /^ {4}\S/m.test(text) ? 4 : 2, eol: '\n' };
      const options = { formattingOptions, getInsertionIndex: () => 0 };
      const [servers, name] = path;
      // null stands for no servers, and nothing can be put into it.
      const none = (parseJson(text) as Document | undefined)?.[servers] === null;
      const edits = none
        ? modify(text, [servers], { [name]: value }, options)
        : modify(text, [...path], value, options);
      const edited = applyEdits(text, edits);
      return edited.endsWith('\n') ? edited : `${edited}\n`;
    },
  },
  toml: {
    parse: (text) => parseToml(text) as Document,
    edit: (text, { path, value }, wanted) => {
      const isNew =
        value !== undefined && (parseToml(text) as Record<string, Document>)[path[0]]?.[path[1]] === undefined;
      if (!isNew) return patchToml(text, wanted);
      const end = text.includes('\r\n') ? '\r\n' : '\n';
      const before = text === '' || text.endsWith('\n') ? text : `${text}${end}`;
      const table = `[${path.join('.')}]\n${stringifyToml(value)}`.trimEnd().split('\n').join(end);
      return `${before}${before === '' ? '' : end}${table}${end}`;
    },
  },
};
