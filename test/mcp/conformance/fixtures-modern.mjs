// Fixtures of the revision of 2026-07-28: tools and a prompt that ask by their answer and go on when they are called again.
import { randomBytes } from 'node:crypto';
import {
  CLIENT_CAPABILITIES_META_KEY,
  createRequestStateCodec,
  fromJsonSchema,
  inputRequired,
} from '@modelcontextprotocol/server';
import { says, text } from './fixtures.mjs';

const state = createRequestStateCodec({ key: randomBytes(32) });
const form = (name, type = 'string') => ({ type: 'object', properties: { [name]: { type } }, required: [name] });
const elicit = (message, name, type) => inputRequired.elicit({ message, requestedSchema: form(name, type) });
const sample = (question, maxTokens) =>
  inputRequired.createMessage({ messages: [{ role: 'user', content: text(question) }], maxTokens });

export function registerModern(server) {
  // What `new McpServer(…, { requestState: { verify } })` sets; these servers exist already.
  server.server._requestStateVerify = state.verify;
  const tool = (name, run) =>
    server.registerTool(name, { description: 'Asks by its answer' }, ({ mcpReq }) => run(mcpReq));
  /** Asks `inputRequests` until each is answered. */
  const asking = (inputRequests) => (mcpReq) =>
    Object.keys(inputRequests).every((key) => key in (mcpReq.inputResponses ?? {}))
      ? says(text(`Answered: ${JSON.stringify(mcpReq.inputResponses)}`))
      : inputRequired({ inputRequests });
  tool('test_input_required_result_elicitation', asking({ user_name: elicit('What is your name?', 'name') }));
  tool(
    'test_input_required_result_sampling',
    asking({ capital_question: sample('What is the capital of France?', 100) }),
  );
  tool('test_input_required_result_list_roots', asking({ client_roots: inputRequired.listRoots() }));
  tool('test_missing_capability', asking({ sampled: sample('Say something', 10) }));
  tool('test_streaming_elicitation', asking({ answer: elicit('Please answer', 'answer') }));
  tool('test_logging_tool', async (mcpReq) => {
    await mcpReq.log('info', 'a log message that only a caller with a log level gets');
    return says(text('logged'));
  });
  tool('test_input_required_result_capabilities', ({ envelope }) => {
    const able = envelope?.[CLIENT_CAPABILITIES_META_KEY] ?? {};
    const all = { sampling: sample('Say something', 10), elicitation: elicit('Please answer', 'answer') };
    return inputRequired({ inputRequests: Object.fromEntries(Object.entries(all).filter(([name]) => name in able)) });
  });
  const several = {
    user_name: elicit('What is your name?', 'name'),
    greeting: sample('Generate a greeting', 50),
    client_roots: inputRequired.listRoots(),
  };
  const steps = [
    { step1: elicit('Step 1: What is your name?', 'name') },
    { step2: elicit('Step 2: What is your favorite color?', 'color') },
  ];
  const rounds = {
    test_input_required_result_request_state: [{ confirm: elicit('Please confirm', 'ok', 'boolean') }],
    test_input_required_result_tampered_state: [{ confirm: elicit('Please confirm', 'ok', 'boolean') }],
    test_input_required_result_multiple_inputs: [several],
    test_input_required_result_multi_round: steps,
  };
  for (const [name, questions] of Object.entries(rounds)) {
    tool(name, async (mcpReq) => {
      const round = mcpReq.requestState() ?? 0;
      const inputRequests = questions[round];
      if (inputRequests === undefined) return says(text('state-ok'));
      return inputRequired({ inputRequests, requestState: await state.mint(round + 1) });
    });
  }
  const region = { type: 'string', 'x-mcp-header': 'Region' };
  server.registerTool(
    'test_header_parameter',
    {
      description: 'Has an argument that requests repeat as a header',
      inputSchema: fromJsonSchema({ type: 'object', properties: { region }, required: ['region'] }),
    },
    (args) => says(text(args.region)),
  );
  const context = asking({ user_context: elicit('What context should the prompt use?', 'context') });
  server.registerPrompt('test_input_required_result_prompt', { description: 'Asks by its answer' }, ({ mcpReq }) => {
    const answer = context(mcpReq);
    return 'content' in answer ? { messages: [{ role: 'user', content: answer.content[0] }] } : answer;
  });
}
