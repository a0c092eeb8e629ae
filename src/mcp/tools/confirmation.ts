// Asking the person before something is lost: by elicitation where the client can show a question, which no model can answer
// in the person's place.
import {
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  type InputRequiredResult,
  inputRequired,
  inputResponse,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { z } from 'zod';

const KEY = 'confirm';

/** `unavailable`: this client cannot ask a person. */
export type Confirmation = 'accepted' | 'declined' | 'not asked' | 'unavailable';

/** What the person has answered in this round of the call. `capabilities`: what the client said when it connected, in the older era. */
export function confirmationOf(context: ServerContext, capabilities: ClientCapabilities | undefined): Confirmation {
  const { inputResponses, envelope } = context.mcpReq;
  const said = inputResponse(inputResponses, KEY);
  if (said.kind === 'elicit') {
    return said.action === 'accept' && said.content?.['remove'] === true ? 'accepted' : 'declined';
  }
  const perRequest = (envelope as Readonly<Record<string, ClientCapabilities>> | undefined)?.[
    CLIENT_CAPABILITIES_META_KEY
  ];
  const able = (perRequest ?? capabilities)?.elicitation;
  if (able === undefined) return 'unavailable';
  return able.form !== undefined || able.url === undefined ? 'not asked' : 'unavailable';
}

/** The answer that makes the client show `question` and call again with what the person said. */
export function askPerson(question: string): InputRequiredResult {
  const requestedSchema = z.object({ remove: z.boolean().describe('Remove it from the index') });
  return inputRequired({ inputRequests: { [KEY]: inputRequired.elicit({ message: question, requestedSchema }) } });
}
