// Schemas as the tool list shows them: without what says nothing, because every client pays for the list in tokens.
import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server';
import type { z } from 'zod';

type Validate<T> = StandardSchemaWithJSON<T, T>['~standard']['validate'];

/** `schema` for the list, `validate` for the values. */
export function listedSchema<T>(schema: z.ZodObject, validate: Validate<T>): StandardSchemaWithJSON<T, T> {
  const { input, output } = schema['~standard'].jsonSchema;
  const jsonSchema = {
    input: onceForEachTarget((options) => lean(input(options))),
    output: onceForEachTarget((options) => lean(output(options), 'unspoken')),
  };
  return { '~standard': { version: 1, vendor: 'codebase-mcp', jsonSchema, validate } };
}

type Convert = StandardSchemaWithJSON['~standard']['jsonSchema']['input'];

/** The SDK asks again for every request over HTTP, and a conversion takes longer than most of what a request needs. */
function onceForEachTarget(convert: (options: Parameters<Convert>[0]) => unknown): Convert {
  const converted = new Map<string, Record<string, unknown>>();
  return (options) => {
    const schema = converted.get(options.target) ?? (convert(options) as Record<string, unknown>);
    converted.set(options.target, schema);
    return schema;
  };
}

/** Key → the value that goes without saying; undefined means any. */
const IDLE: Readonly<Record<string, unknown>> = {
  $schema: undefined,
  additionalProperties: undefined,
  minimum: Number.MIN_SAFE_INTEGER,
  maximum: Number.MAX_SAFE_INTEGER,
};

/** `unspoken`: an answer's schema, where the text says what a field means and that it is there. */
function lean(schema: unknown, words?: 'unspoken'): unknown {
  if (Array.isArray(schema)) return schema.map((each) => lean(each, words));
  if (typeof schema !== 'object' || schema === null) return schema;
  const said = Object.entries(nullable(schema)).filter(
    ([key, value]) => !isIdle(key, value) && !(words === 'unspoken' && isWord(key, value)),
  );
  return Object.fromEntries(said.map(([key, value]) => [key, lean(value, words)]));
}

/** A keyword, and no property that is called so. */
function isWord(key: string, value: unknown): boolean {
  return (key === 'description' && typeof value === 'string') || (key === 'required' && Array.isArray(value));
}

/** One type or null, in the short form: `"type": ["string", "null"]`. */
function nullable(schema: object): object {
  const { anyOf, ...rest } = schema as { readonly anyOf?: readonly { readonly type?: unknown }[] };
  const [one, other, ...more] = anyOf ?? [];
  if (more.length > 0 || typeof one?.type !== 'string' || other?.type !== 'null' || 'enum' in one) return schema;
  return { ...rest, ...one, type: [one.type, 'null'] };
}

function isIdle(key: string, value: unknown): boolean {
  if (!Object.hasOwn(IDLE, key)) return false;
  // Schemas of values (additionalProperties of a record) say something; a plain false does not.
  return IDLE[key] === undefined ? typeof value !== 'object' : IDLE[key] === value;
}
