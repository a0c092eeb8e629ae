// Raw arguments, from a command line or a model → a checked request. What is wrong is said in one sentence; what is only
// written differently (a number as text, one value instead of a list) is accepted.
import { z } from 'zod';
import { CodebaseError } from './errors.js';

type Raw = Readonly<Record<string, unknown>>;

/** How the person or model wrote an argument, for the sentence: `limit` → `--limit`. */
export type NameOf = (field: string) => string;

/** What a field may hold: the part of its JSON Schema that the sentences and the conversions need. */
interface Field {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly items?: Field;
}

/** Parses `raw` by `schema`; throws a CodebaseError `invalid_input` whose message names the argument, its value and what is allowed. */
export function parseRequest<S extends z.ZodObject>(
  schema: S,
  raw: Raw,
  nameOf: NameOf = (field) => field,
): z.output<S> {
  const fields = fieldsOf(schema);
  const value = convert(fields, raw);
  refuseUnknown(fields, value, nameOf);
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const place = String(parsed.error.issues[0]?.path[0] ?? '');
  throw new CodebaseError('invalid_input', sentence(nameOf(place), fields[place] ?? {}, value[place]));
}

type Fields = Readonly<Record<string, Field>>;

/** Worked out once for a schema: it takes longer than the rest of a request. */
const known = new WeakMap<z.ZodObject, Fields>();

function fieldsOf(schema: z.ZodObject): Fields {
  const fields = known.get(schema) ?? ((z.toJSONSchema(schema, { io: 'input' }).properties ?? {}) as Fields);
  known.set(schema, fields);
  return fields;
}

function convert(fields: Fields, raw: Raw): Raw {
  const given = Object.entries(raw).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(
    given.map(([name, value]) => [name, CONVERSIONS[fields[name]?.type ?? '']?.(value) ?? value]),
  );
}

/** By the type that is wanted: the same value as that type, or undefined when it cannot be read so. */
const CONVERSIONS: Readonly<Record<string, (value: unknown) => unknown>> = {
  integer: (value) => (typeof value === 'string' && /^\s*-?\d+\s*$/.test(value) ? Number(value) : undefined),
  boolean: (value) => (value === 'true' ? true : value === 'false' ? false : undefined),
  string: (value) => (Array.isArray(value) && value.length === 1 ? value[0] : undefined),
  array: (value) => (typeof value === 'string' ? listOf(value) : undefined),
};

function listOf(text: string): readonly unknown[] {
  if (!text.trimStart().startsWith('[')) return [text];
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list : [text];
  } catch {
    return [text]; // a glob may begin with a bracket
  }
}

function refuseUnknown(fields: Fields, value: Raw, nameOf: NameOf): void {
  const unknown = Object.keys(value).find((name) => !Object.hasOwn(fields, name));
  if (unknown === undefined) return;
  const known = Object.keys(fields).map(nameOf).join(', ');
  throw new CodebaseError('invalid_input', `There is no argument ${shown(unknown)}; the arguments are ${known}.`);
}

function sentence(name: string, field: Field, value: unknown): string {
  if (value === undefined) return `${name} is missing; it must be ${allowed(field)}.`;
  return `${name} must be ${allowed(field)}, not ${shown(value)}.`;
}

function allowed(field: Field): string {
  if (field.enum !== undefined) return `one of ${field.enum.join(', ')}`;
  if (field.type === 'integer') return `a whole number${range(field.minimum, field.maximum)}`;
  if (field.type === 'boolean') return 'true or false';
  if (field.type === 'array')
    return `a list${field.maxItems === undefined ? '' : ` of at most ${field.maxItems}`}, each item ${allowed(field.items ?? {})}`;
  if (field.maxLength === undefined) return 'text';
  return `text of ${field.minLength ?? 0} to ${field.maxLength.toLocaleString('en-US')} characters`;
}

function range(minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER): string {
  const bounded = minimum > Number.MIN_SAFE_INTEGER && maximum < Number.MAX_SAFE_INTEGER;
  return bounded ? ` from ${minimum} to ${maximum}` : '';
}

const SHOWN_CHARACTERS = 80;

function shown(value: unknown): string {
  if (value === '') return 'empty';
  if (typeof value === 'string' && value.length > SHOWN_CHARACTERS) {
    return `${value.length.toLocaleString('en-US')} characters`;
  }
  const text = JSON.stringify(value);
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}
