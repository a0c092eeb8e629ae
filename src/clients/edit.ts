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
export function withEntry(format: 'json' | 'toml', file: string, text: string, entry: Entry): string {
  const { parse, edit } = FORMATS[format];
  const read = (what: string): Document => {
    try {
      return parse(what);
    } catch (error) {
      const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
      throw refusal(file, `cannot be read (${reason})`);
    }
  };
  const document = read(text);
  const [servers, name] = entry.path;
  const listed = document[servers] ?? {};
  if (typeof listed !== 'object' || Array.isArray(listed))
    throw refusal(file, `has something else than servers under ${servers}`);
  const present = (listed as Document)[name];
  if (same(present, entry.value)) return text;
  const { [name]: _, ...others } = listed as Document;
  const wanted = { ...document, [servers]: entry.value === undefined ? others : { ...listed, [name]: entry.value } };
  const edited = edit(text, entry, wanted);
  if (!same(read(edited), wanted)) throw refusal(file, 'cannot be edited without changing something else');
  return edited;
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
      const edited = applyEdits(
        text,
        modify(text, [...path], value, { formattingOptions, getInsertionIndex: () => 0 }),
      );
      return edited.endsWith('\n') ? edited : `${edited}\n`;
    },
  },
  toml: {
    parse: (text) => parseToml(text) as Document,
    edit: (text, { path, value }, wanted) => {
      const isNew =
        value !== undefined && (parseToml(text) as Record<string, Document>)[path[0]]?.[path[1]] === undefined;
      if (!isNew) return patchToml(text, wanted);
      const before = text === '' || text.endsWith('\n') ? text : `${text}\n`;
      return `${before}${before === '' ? '' : '\n'}[${path.join('.')}]\n${stringifyToml(value)}`.trimEnd().concat('\n');
    },
  },
};
