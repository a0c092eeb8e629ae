// Who is asking: the token that a request shows, or nobody where none is needed.
import {
  type AuthInfo,
  bearerAuthChallengeResponse,
  OAuthError,
  OAuthErrorCode,
  verifyBearerToken,
} from '@modelcontextprotocol/server';
import type { Access } from './access.js';
import type { StoredToken, TokenReader } from './tokens.js';

export interface Caller {
  /** The token's id, or the address of a caller without one. */
  readonly name: string;
  /** As the SDK passes it on; undefined without a token. */
  readonly auth: AuthInfo | undefined;
}

/** `address`: where the request came from. Answers with the refusal where the caller is not let in. */
export async function callerOf(
  authorization: string | undefined,
  address: string,
  { tokens, required }: { readonly tokens: TokenReader; readonly required: boolean },
): Promise<Caller | Response> {
  if (authorization === undefined && !required) return { name: address, auth: undefined };
  try {
    const verifyAccessToken = async (shown: string) => authInfo(await tokens.find(shown));
    const auth = await verifyBearerToken(authorization, { verifier: { verifyAccessToken } });
    return { name: auth.clientId, auth };
  } catch (error) {
    if (error instanceof OAuthError) return bearerAuthChallengeResponse(error);
    throw error;
  }
}

/** Without the secret: nothing behind this needs it. */
function authInfo(token: StoredToken | undefined): AuthInfo {
  if (token === undefined)
    throw new OAuthError(OAuthErrorCode.InvalidToken, 'The token is unknown, expired or revoked.');
  const { id, projects, write, expires_at } = token;
  const access: Access = { projects, write };
  const scopes = write ? ['read', 'write'] : ['read'];
  return { token: id, clientId: id, scopes, expiresAt: Math.floor(Date.parse(expires_at) / 1000), extra: { access } };
}
