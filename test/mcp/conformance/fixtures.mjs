// What the protocol's conformance suite expects a server to have besides its own tools, by the names the suite calls. The
// server loads this when CODEBASE_MCP_CONFORMANCE_FIXTURES names it.
import { setTimeout as sleep } from 'node:timers/promises';
import { fromJsonSchema, ResourceTemplate } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { registerModern } from './fixtures-modern.mjs';

/** A red pixel and a tenth of a millisecond of silence. */
export const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';
const WAV = 'UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=';

export const text = (value) => ({ type: 'text', text: value });
export const says = (...content) => ({ content });
const user = (content) => ({ role: 'user', content });
const image = { type: 'image', data: PNG, mimeType: 'image/png' };
const embedded = (uri, mimeType, value) => ({ type: 'resource', resource: { uri, mimeType, text: value } });

/** Adds the fixtures to a server that is not connected yet. */
export function register(server) {
  server.server.registerCapabilities({ logging: {}, completions: {}, prompts: {}, resources: { subscribe: true } });
  registerTools(server);
  registerQuestions(server);
  registerResources(server);
  registerPrompts(server);
  registerModern(server);
}

function registerTools(server) {
  const tool = (name, description, run, inputSchema) =>
    server.registerTool(
      name,
      { description, ...(inputSchema && { inputSchema }) },
      inputSchema ? run : (ctx) => run({}, ctx),
    );
  const mixed = embedded('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}');
  tool('test_simple_text', 'Answers with text', () => says(text('This is a simple text response for testing.')));
  tool('test_image_content', 'Answers with an image', () => says(image));
  tool('test_audio_content', 'Answers with sound', () => says({ type: 'audio', data: WAV, mimeType: 'audio/wav' }));
  tool('test_embedded_resource', 'Answers with a resource', () =>
    says(embedded('test://embedded-resource', 'text/plain', 'This is an embedded resource content.')),
  );
  tool('test_multiple_content_types', 'Answers with several kinds', () => says(text('Several kinds:'), image, mixed));
  tool('test_error_handling', 'Fails', () => {
    throw new Error('This tool intentionally returns an error for testing');
  });
  tool('test_tool_with_logging', 'Logs while it works', async (_, { mcpReq }) => {
    for (const step of ['started', 'processing data', 'completed']) {
      await mcpReq.log('info', `Tool execution ${step}`);
      await sleep(20);
    }
    return says(text('logged'));
  });
  tool('test_tool_with_progress', 'Tells how far it is', async (_, { mcpReq }) => {
    const progressToken = mcpReq._meta?.progressToken ?? 0;
    for (const progress of [0, 50, 100]) {
      await mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, total: 100 } });
      await sleep(20);
    }
    return says(text(String(progressToken)));
  });
  const $defs = {
    address: {
      $anchor: 'address',
      type: 'object',
      properties: { street: { type: 'string' }, city: { type: 'string' } },
    },
  };
  const schema = fromJsonSchema({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $defs,
    type: 'object',
    properties: {
      name: { type: 'string' },
      address: { $ref: '#/$defs/address' },
      contactMethod: { type: 'string', enum: ['phone', 'email'] },
      phone: { type: 'string' },
      email: { type: 'string' },
    },
    allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
    if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
    // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema
    then: { required: ['phone'] },
    else: { required: ['email'] },
    additionalProperties: false,
  });
  tool('json_schema_2020_12_tool', 'Has a schema of 2020-12', () => says(text('ok')), schema);
}

/** Tools that ask the client, as sessions can. */
function registerQuestions(server) {
  const ask = (name, properties) =>
    server.registerTool(name, { description: 'Asks the person' }, async ({ mcpReq }) => {
      const answer = await mcpReq.elicitInput({
        message: 'Please choose',
        requestedSchema: { type: 'object', properties, required: [] },
      });
      return says(
        text(`Elicitation completed: action=${answer.action}, content=${JSON.stringify(answer.content ?? {})}`),
      );
    });
  server.registerTool(
    'test_sampling',
    { description: 'Asks the model', inputSchema: z.object({ prompt: z.string() }) },
    async ({ prompt }, { mcpReq }) => {
      const { content } = await mcpReq.requestSampling({ messages: [user(text(prompt))], maxTokens: 100 });
      return says(text(`LLM response: ${content.text}`));
    },
  );
  server.registerTool(
    'test_elicitation',
    { description: 'Asks the person what the call says', inputSchema: z.object({ message: z.string() }) },
    async ({ message }, { mcpReq }) => {
      const properties = { username: { type: 'string' }, email: { type: 'string' } };
      const answer = await mcpReq.elicitInput({
        message,
        requestedSchema: { type: 'object', properties, required: ['username', 'email'] },
      });
      return says(text(`User response: action=${answer.action}, content=${JSON.stringify(answer.content ?? {})}`));
    },
  );
  ask('test_elicitation_sep1034_defaults', {
    name: { type: 'string', default: 'John Doe' },
    age: { type: 'integer', default: 30 },
    score: { type: 'number', default: 95.5 },
    status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
    verified: { type: 'boolean', default: true },
  });
  const options = ['option1', 'option2', 'option3'];
  const titled = options.map((value, n) => ({ const: value, title: `Option ${n + 1}` }));
  ask('test_elicitation_sep1330_enums', {
    untitledSingle: { type: 'string', enum: options },
    titledSingle: { type: 'string', oneOf: titled },
    legacyEnum: { type: 'string', enum: options, enumNames: ['One', 'Two', 'Three'] },
    untitledMulti: { type: 'array', items: { type: 'string', enum: options } },
    titledMulti: { type: 'array', items: { anyOf: titled } },
  });
}

function registerResources(server) {
  const fixed = (name, mimeType, content) =>
    server.registerResource(name, `test://${name}`, { mimeType }, ({ href: uri }) => ({
      contents: [{ uri, mimeType, ...content }],
    }));
  fixed('static-text', 'text/plain', { text: 'This is the content of the static text resource.' });
  fixed('static-binary', 'image/png', { blob: PNG });
  fixed('watched-resource', 'text/plain', { text: 'Watched resource content' });
  const template = new ResourceTemplate('test://template/{id}/data', { list: undefined });
  server.registerResource('template', template, { mimeType: 'application/json' }, ({ href: uri }, { id }) => ({
    contents: [
      {
        uri,
        mimeType: 'application/json',
        text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }),
      },
    ],
  }));
  for (const method of ['resources/subscribe', 'resources/unsubscribe'])
    server.server.setRequestHandler(method, () => ({}));
}

function registerPrompts(server) {
  const prompt = (name, run, argsSchema) =>
    server.registerPrompt(name, { description: 'For testing', ...(argsSchema && { argsSchema }) }, (args) => ({
      messages: run(args).map(user),
    }));
  prompt('test_simple_prompt', () => [text('This is a simple prompt for testing.')]);
  prompt(
    'test_prompt_with_arguments',
    ({ arg1, arg2 }) => [text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)],
    z.object({ arg1: z.string(), arg2: z.string() }),
  );
  prompt(
    'test_prompt_with_embedded_resource',
    ({ resourceUri }) => [
      embedded(resourceUri, 'text/plain', 'Embedded resource content for testing.'),
      text('Please process it.'),
    ],
    z.object({ resourceUri: z.string() }),
  );
  prompt('test_prompt_with_image', () => [image, text('Please analyze the image above.')]);
  server.server.setRequestHandler('completion/complete', () => ({
    completion: { values: [], total: 0, hasMore: false },
  }));
}
